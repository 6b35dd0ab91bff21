"""The scaled orthographic (SOP) camera of both papers: scale, rotation, 2D translation."""

from __future__ import annotations

import numpy as np

from h2h.tracking.rotation import quaternion_to_matrix


def project(points: np.ndarray, scale: np.ndarray, rotation: np.ndarray, translation: np.ndarray) -> np.ndarray:
    """Project with cameras.

    Args:
        points: (..., P, 3), mm, head axes.
        scale: (...), crop fractions a millimetre.
        rotation: (..., 4) quaternions, head to camera.
        translation: (..., 2), crop fractions.

    Returns:
        (..., P, 3): x and y in crop fractions, depth (away from the viewer) in the same unit, 0 at the origin's depth.
    """
    turned = points @ np.swapaxes(quaternion_to_matrix(rotation), -1, -2)
    turned = turned * np.asarray(scale, np.float64)[..., None, None]
    turned[..., :2] += np.asarray(translation)[..., None, :]
    return turned
