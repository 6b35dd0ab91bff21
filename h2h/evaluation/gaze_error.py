"""Gaze error: the angle between directions of sight."""

from __future__ import annotations

import numpy as np

from h2h.tracking.gaze import gaze_direction


def gaze_error(real: np.ndarray, fake: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Angle between each eye's directions of sight in head axes, mean over the eyes that are seen, degrees.

    Args:
        real, fake: (T, 2, 2) yaw and pitch of the right and left eye, radians.
        seen: bool (T, 2), eyes that are open in both: a closed one's gaze is made up.

    Returns:
        (T,) float64, NaN without such an eye.
    """
    a, b = gaze_direction(np.asarray(real, np.float64)), gaze_direction(np.asarray(fake, np.float64))
    angle = np.rad2deg(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(axis=-1)))
    count = seen.sum(axis=1)
    return np.where(count > 0, (angle * seen).sum(axis=1) / np.maximum(count, 1), np.nan)
