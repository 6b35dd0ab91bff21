"""Average pixel distance: the L2 norm over RGB of the difference, mean over pixels and frames (0 to 441)."""

from __future__ import annotations

import numpy as np


def error_map(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """L2 norm over RGB of the difference. Two (..., H, W, 3) uint8 -> (..., H, W) float32."""
    return np.linalg.norm(real.astype(np.float32) - fake.astype(np.float32), axis=-1)


def masked_mean(errors: np.ndarray, mask: np.ndarray) -> float:
    """Mean error over the foreground.

    Args:
        errors: (H, W) float.
        mask: (H, W) uint8 alpha of the *true* foreground; a pixel counts from 128 on.

    Returns:
        NaN when there is no foreground.
    """
    inside = mask >= 128
    return float(errors[inside].mean()) if inside.any() else float("nan")


def mouth_mean(errors: np.ndarray, centre: np.ndarray, crop: float) -> float:
    """Mean error in the square around the mouth, moved inside the frame where it would leave it.

    Args:
        errors: (S, S) float.
        centre: (2,) mouth centre as fractions, x and y.
        crop: side of the square over the frame's (release: 72/256).
    """
    return float(errors[mouth_square(errors.shape[-1], centre, crop)].mean())


def mouth_square(size: int, centre: np.ndarray, crop: float) -> tuple[slice, slice]:
    """Rows and columns of the square around the mouth in a frame of `size` px; arguments as in `mouth_mean`."""
    side = round(crop * size)
    x, y = (int(np.clip(round(float(c) * size - side / 2), 0, size - side)) for c in centre)
    return slice(y, y + side), slice(x, x + side)


def mask_iou(real: np.ndarray, fake: np.ndarray) -> float:
    """Intersection over union of two foreground masks at 0.5. Two (H, W) uint8 -> [0, 1]; 1 when both are empty."""
    a, b = real >= 128, fake >= 128
    union = (a | b).sum()
    return float((a & b).sum() / union) if union else 1.0
