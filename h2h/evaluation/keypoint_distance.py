"""Average keypoint distance: how far the landmarks of a result lie from those of the true frame."""

from __future__ import annotations

import numpy as np

from h2h.tracking.head_model import OUTER_EYE_CORNERS


def keypoint_distance(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Mean distance of the 68 iBUG points, in % of the distance of the true outer eye corners.

    Args:
        real, fake: (T, 68, 2), positions in one unit.

    Returns:
        (T,) float64.
    """
    right, left = OUTER_EYE_CORNERS
    between = np.linalg.norm(real[:, right].astype(np.float64) - real[:, left], axis=-1)
    return 100 * np.linalg.norm(real.astype(np.float64) - fake, axis=-1).mean(axis=1) / between
