"""Peak signal-to-noise ratio."""

from __future__ import annotations

import numpy as np

PEAK = 255.0
ROUNDING = 1 / 12  # squared error of values that are rounded to whole ones: less is not to be seen in 8 bits


def psnr(real: np.ndarray, fake: np.ndarray, mask: np.ndarray | None = None) -> float:
    """10 log10(255^2 / mean squared error over pixels and RGB).

    Args:
        real, fake: (H, W, 3) uint8.
        mask: (H, W) bool, the pixels that count; all by default.

    Returns:
        dB, at most 58.9: an error below that of rounding, also none, counts as that, so that means stay finite.
        NaN for an empty mask.
    """
    squared = (real.astype(np.float64) - fake) ** 2
    squared = squared if mask is None else squared[mask]
    return float(10 * np.log10(PEAK**2 / max(squared.mean(), ROUNDING))) if squared.size else float("nan")
