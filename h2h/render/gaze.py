"""Gaze images: the eyes' openings white, irises and pupils as discs on turned eyeballs.

The opening's edge is a ring of mesh vertices, so that it rides on any geometry, and a fan over it goes through the
same z-buffer as the face: the eye fills exactly the hole that the NMFC image leaves, the nose hides it where it should
and it vanishes when the lids meet.
"""

from __future__ import annotations

import numpy as np

from h2h.tracking.gaze import gaze_direction
from h2h.tracking.head_model import Eyes, HeadModel

WHITE = np.array([255, 255, 255], np.uint8)
IRIS = np.array([0, 128, 255], np.uint8)
PUPIL = np.array([255, 64, 0], np.uint8)


def eye_fan(model: HeadModel) -> np.ndarray:
    """Triangles i32 (2 L, 3) that close the right, then the left eye; vertices N and N + 1 are the fans' centres."""
    count = len(model.mean)
    fans = [
        np.stack([np.full_like(ring, count + eye), ring, np.roll(ring, -1)], axis=1)
        for eye, ring in enumerate(model.eyelids)
    ]
    return np.concatenate(fans)


def fan_centres(model: HeadModel, vertices: np.ndarray) -> np.ndarray:
    """(N, 3) -> (2, 3), the middle of each eye's opening."""
    return vertices[model.eyelids].mean(axis=1)


def paint_eye(
    image: np.ndarray, where: np.ndarray, eyes: Eyes, eye: int, gaze: np.ndarray, scale: float, matrix: np.ndarray,
    translation: np.ndarray,
) -> None:  # fmt: skip
    """Paint one eye's visible pixels.

    Args:
        image: u8 (S, S, 3), changed in place.
        where: bool (S, S), pixels at which the opening is visible.
        eyes: the eyeballs, mm.
        eye: 0 right, 1 left.
        gaze: (2,), its yaw and pitch.
        scale: px a millimetre.
        matrix: (3, 3), head to camera.
        translation: (2,), px.
    """
    ys, xs = np.nonzero(where)
    image[ys, xs] = WHITE
    sight = matrix @ gaze_direction(np.asarray(gaze, np.float64))
    if sight[2] > -1e-3:  # it looks away from the viewer
        return
    middle = matrix @ eyes.centre[eye] + eyes.iris_distance[eye] * sight
    pixel = np.stack([xs + 0.5, ys + 0.5], axis=1)
    offset = (pixel - translation) / scale - middle[:2]
    depth = -(offset @ sight[:2]) / sight[2]  # the disc's plane is perpendicular to the line of sight
    radius = np.sqrt((offset**2).sum(axis=1) + depth**2)
    for limit, colour in ((eyes.iris_radius[eye], IRIS), (eyes.pupil_radius[eye], PUPIL)):
        inside = radius <= limit
        image[ys[inside], xs[inside]] = colour
