"""Rotation error: the angle between two poses of a head."""

from __future__ import annotations

import numpy as np


def rotation_error(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Angle of the rotation from one pose to the other, degrees (0 to 180).

    Args:
        real, fake: (T, 4) quaternions of any length but 0; q and -q are the same rotation.

    Returns:
        (T,) float64.
    """
    p, q = (np.asarray(x, np.float64) / np.linalg.norm(x, axis=-1, keepdims=True) for x in (real, fake))
    near = np.sign((p * q).sum(axis=-1, keepdims=True))
    # from sine and cosine of a quarter of the angle: the arc cosine alone is blind to small ones
    return np.rad2deg(4 * np.arctan2(np.linalg.norm(p - near * q, axis=-1), np.linalg.norm(p + near * q, axis=-1)))
