"""Eye-aspect error: whether the eyes are as open as in the true frame."""

from __future__ import annotations

import numpy as np

from h2h.tracking.gaze import opening
from h2h.tracking.head_model import LEFT_EYE, RIGHT_EYE


def openings(landmarks: np.ndarray) -> np.ndarray:
    """Height over width of the right and the left eye (Soukupova and Cech 2016): (T, 68, 2) -> (T, 2)."""
    return np.stack([opening(landmarks[:, RIGHT_EYE]), opening(landmarks[:, LEFT_EYE])], axis=1)


def eye_opening_error(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Absolute difference of height over width, mean of both eyes.

    Args:
        real, fake: (T, 68, 2) iBUG points with the same unit in x and y.

    Returns:
        (T,); an open eye has about 0.3, a closed one below 0.1.
    """
    return np.abs(openings(real) - openings(fake)).mean(axis=1)
