"""Temporal warping error: how much a video flickers where the true one moves smoothly."""

from __future__ import annotations

import cv2
import numpy as np

SHARPNESS = 50.0  # alpha of Lai et al.: colours in [0, 1]


def warp(frame: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """The frame at t + 1 as seen from t: its value at (x + u, y + v), bilinear, borders repeated.

    Args:
        frame: (H, W, 3) float32.
        flow: (H, W, 2) px, from t to t + 1.
    """
    height, width = frame.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    flow = flow.astype(np.float32)
    return cv2.remap(frame, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def warping_error(
    made: tuple[np.ndarray, np.ndarray], true: tuple[np.ndarray, np.ndarray], flow: np.ndarray, mask: np.ndarray
) -> float:
    """L2 norm over RGB between a frame and the next one warped onto it, both synthesised, by the true video's motion.

    A mean over the true foreground. Where the true frames do not agree either (occlusion, or a wrong flow), a pixel
    counts less: by exp(-50 |difference|^2) of the true frames (Lai et al., "Learning Blind Video Temporal
    Consistency", ECCV 2018, eq. 5).

    Args:
        made: two consecutive synthesised frames, (H, W, 3) uint8 each.
        true: the true ones.
        flow: (H, W, 2) px, of the true ones, from the first to the second.
        mask: (H, W) uint8, the first one's true foreground.

    Returns:
        0 to 441; NaN without a foreground.
    """
    first, second = (frame.astype(np.float32) for frame in true)
    agreed = np.exp(-SHARPNESS * (((first - warp(second, flow)) / 255) ** 2).sum(-1))
    weight = agreed * (mask >= 128)
    if not weight.any():
        return float("nan")
    first, second = (frame.astype(np.float32) for frame in made)
    error = np.linalg.norm(first - warp(second, flow), axis=-1)
    return float((error * weight).sum() / weight.sum())
