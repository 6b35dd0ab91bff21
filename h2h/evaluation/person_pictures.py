"""What the pipeline found in a picture of somebody: the crop, the landmarks, the fitted mesh."""

from __future__ import annotations

import cv2
import numpy as np

from h2h.render.nmfc import region_triangles
from h2h.render.rasteriser import rasterise
from h2h.tracking.camera import project
from h2h.tracking.head_model import JAW, LEFT_EYE, MOUTH, RIGHT_EYE, HeadModel

MESH = np.array([96.0, 178.0, 255.0])  # colour of the mesh where it faces the viewer
SHARE = 0.62  # of the mesh over the frame
GROUPS = ((JAW, (255, 214, 10)), (slice(17, 36), (80, 230, 120)), (RIGHT_EYE, (90, 190, 255)))
GROUPS += ((LEFT_EYE, (90, 190, 255)), (MOUTH, (255, 105, 120)))


def with_landmarks(frame: np.ndarray, landmarks: np.ndarray, iris: np.ndarray | None = None) -> np.ndarray:
    """Dots at the 68 points, coloured by part, and at both irises' centres.

    Args:
        frame: u8 (S, S, 3).
        landmarks: (68, 2), crop fractions.
        iris: (2, 5, 2), crop fractions, or None.

    Returns:
        u8 (S, S, 3).
    """
    picture, size = frame.copy(), len(frame)
    radius = max(1, round(size / 128))
    for part, colour in GROUPS:
        for x, y in landmarks[part] * size:
            cv2.circle(picture, (round(float(x)), round(float(y))), radius, colour, -1, cv2.LINE_AA)
    for x, y in (iris[:, 0] if iris is not None else np.zeros((0, 2))) * size:
        cv2.circle(picture, (round(float(x)), round(float(y))), radius + 1, (255, 255, 255), 1, cv2.LINE_AA)
    return picture


def with_mesh(
    frame: np.ndarray,
    model: HeadModel,
    vertices: np.ndarray,
    scale: float,
    rotation: np.ndarray,
    translation: np.ndarray,
) -> np.ndarray:
    """The fitted head over the frame, lit from the viewer.

    Args:
        frame: u8 (S, S, 3).
        model: whose skin is drawn.
        vertices: (N, 3) mm, of `model.shape`.
        scale: crop fractions a millimetre.
        rotation: (4,) quaternion.
        translation: (2,) crop fractions.

    Returns:
        u8 (S, S, 3).
    """
    size = len(frame)
    points = project(vertices, np.asarray(scale), rotation, translation) * size
    triangles = model.triangles[region_triangles(model, "head")]
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    facing = np.abs(normals[:, 2] / np.maximum(length[:, 0], 1e-9))
    seen = rasterise(points, triangles, size, size).triangle
    hit = seen >= 0
    picture = frame.astype(np.float64)
    lit = MESH * (0.25 + 0.75 * facing[seen[hit]])[:, None]
    picture[hit] = (1 - SHARE) * picture[hit] + SHARE * lit
    return np.rint(picture).astype(np.uint8)


def with_crop(picture: np.ndarray, crop: np.ndarray, width: int = 640) -> np.ndarray:
    """A frame of the clip, shrunk, with the crop's edge.

    Args:
        picture: u8 (H, W, 3).
        crop: (3,), x and y of the upper left corner, and the side, px.
        width: px of the result, unless the frame is smaller.

    Returns:
        u8 (h, w, 3).
    """
    factor = min(1.0, width / picture.shape[1])
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    x, y, side = (float(v) * factor for v in crop)
    corners = (round(x), round(y)), (round(x + side), round(y + side))
    cv2.rectangle(small, *corners, (0, 0, 0), 4)
    cv2.rectangle(small, *corners, (255, 214, 10), 2)
    return small
