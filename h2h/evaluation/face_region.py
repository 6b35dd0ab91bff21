"""Which pixels of a true frame show the face."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_fill_holes


def face_region(nmfc: np.ndarray) -> np.ndarray:
    """The face in a frame: where its NMFC image (eq. 3) is drawn, with the eyes and the open mouth.

    Args:
        nmfc: (H, W, 3) uint8, 0 outside.

    Returns:
        (H, W) bool.
    """
    return binary_fill_holes(nmfc.any(axis=-1))
