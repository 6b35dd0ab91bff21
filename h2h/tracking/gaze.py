"""Gaze: yaw and pitch of each eyeball from the detected iris centre, and back.

An eye that looks along the head's own axis has yaw = pitch = 0. The direction of sight in head axes (x right, y down,
z away from the viewer) is R_y(yaw) R_x(pitch) (0, 0, -1).
"""

from __future__ import annotations

import numpy as np

from h2h.tracking.rotation import quaternion_to_matrix

LIMIT = np.deg2rad(50.0)  # eyes do not turn farther
REACH = 0.95  # largest sine used for an iris detected outside the eyeball's outline


def gaze_direction(gaze: np.ndarray) -> np.ndarray:
    """Yaw and pitch (..., 2) in radians -> unit direction of sight (..., 3) in head axes."""
    yaw, pitch = gaze[..., 0], gaze[..., 1]
    return np.stack([-np.cos(pitch) * np.sin(yaw), np.sin(pitch), -np.cos(pitch) * np.cos(yaw)], axis=-1)


def gaze_angles(direction: np.ndarray) -> np.ndarray:
    """Direction of sight (..., 3) -> yaw and pitch (..., 2)."""
    unit = direction / np.linalg.norm(direction, axis=-1, keepdims=True)
    return np.stack([np.arctan2(-unit[..., 0], -unit[..., 2]), np.arcsin(np.clip(unit[..., 1], -1, 1))], axis=-1)


def fit_gaze(
    iris: np.ndarray,
    centre: np.ndarray,
    iris_distance: np.ndarray,
    scale: np.ndarray,
    rotation: np.ndarray,
    translation: np.ndarray,
) -> np.ndarray:
    """Turn each eyeball so that its iris projects onto the given position.

    Args:
        iris: (T, 2, 2), positions of the right and left iris' centre, crop fractions.
        centre: (T, 2, 3), eyeball centres, mm, head axes.
        iris_distance: (T, 2), from the eyeball's centre to the iris, mm.
        scale, rotation, translation: the cameras, (T,), (T, 4), (T, 2).

    Returns:
        (T, 2, 2) yaw and pitch, radians, within +-50 degrees.
    """
    matrix = quaternion_to_matrix(rotation)
    seen = (iris - translation[:, None]) / scale[:, None, None]
    offset = (seen - np.einsum("tij,tej->tei", matrix, centre)[..., :2]) / iris_distance[..., None]
    length = np.linalg.norm(offset, axis=-1, keepdims=True)
    offset = offset * np.minimum(1, REACH / np.maximum(length, 1e-9))
    towards = -np.sqrt(1 - (offset**2).sum(axis=-1, keepdims=True))
    direction = np.einsum("tji,tej->tei", matrix, np.concatenate([offset, towards], axis=-1))
    return np.clip(gaze_angles(direction), -LIMIT, LIMIT)


def opening(eye: np.ndarray) -> np.ndarray:
    """How far an eye is open: height over width of its six iBUG points (..., 6, 2) (Soukupova and Cech 2016)."""
    distance = lambda i, j: np.linalg.norm(eye[..., i, :] - eye[..., j, :], axis=-1)  # noqa: E731
    return (distance(1, 5) + distance(2, 4)) / np.maximum(2 * distance(0, 3), 1e-9)
