"""Structural similarity of pictures (SSIM; Wang, Bovik, Sheikh and Simoncelli 2004), by scikit-image."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity

SIGMA = 1.5  # px, of the Gaussian window, which scikit-image cuts off to 11 x 11
BORDER = 5  # px where the window leaves the picture


def similarity_map(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """SSIM at each pixel, mean over RGB, with the paper's window and constants (K1 = 0.01, K2 = 0.03, L = 255).

    Args:
        real, fake: (H, W, 3) uint8, at least 11 px wide and high.

    Returns:
        (H, W) float64 in [-1, 1].
    """
    _, found = structural_similarity(
        real,
        fake,
        gaussian_weights=True,
        sigma=SIGMA,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=-1,
        full=True,
    )
    return found.mean(axis=-1)


def ssim(similarity: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean of a `similarity_map`.

    Args:
        similarity: (H, W) float.
        mask: (H, W) bool, the pixels that count; by default all whose window lies in the picture.

    Returns:
        In [-1, 1]; NaN for an empty mask.
    """
    inside = similarity[BORDER:-BORDER, BORDER:-BORDER] if mask is None else similarity[mask]
    return float(inside.mean()) if inside.size else float("nan")
