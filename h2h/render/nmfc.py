"""NMFC images (eq. 3): every triangle has the colour of its own centre on the mean face."""

from __future__ import annotations

import numpy as np

from h2h.tracking.head_model import FACE, HEAD, HeadModel

REGIONS = {"face": (FACE,), "head": (FACE, HEAD)}


def region_triangles(model: HeadModel, region: str) -> np.ndarray:
    """Indices of the triangles that are rendered, i64 (K,)."""
    return np.flatnonzero(np.isin(model.region, REGIONS[region]))


def nmfc_colours(mean: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Normalised mean face coordinates of triangles (eq. 3).

    Args:
        mean: (N, 3).
        triangles: int (K, 3), exactly the ones that are rendered; their vertices span each axis' [0, 1].

    Returns:
        u8 (K, 3), 0 to 255.
    """
    used = mean[np.unique(triangles)].astype(np.float64)
    low, high = used.min(axis=0), used.max(axis=0)
    centre = mean[triangles].astype(np.float64).mean(axis=1)
    return np.rint(255 * (centre - low) / (high - low)).astype(np.uint8)
