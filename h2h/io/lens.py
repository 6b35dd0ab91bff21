"""Whether a lens' distortion can be that of a picture: OpenCV's polynomial bends anything if its numbers are wrong."""

from __future__ import annotations

import cv2
import numpy as np

POINTS = 33  # of a side of the grid on which the lens is looked at


def kept_share(width: int, height: int, intrinsics: np.ndarray, distortion: np.ndarray) -> float:
    """How much of the straightened picture has something to show.

    Args:
        width, height: of the picture, px.
        intrinsics: f64 (3, 3), K.
        distortion: f64 (5,), k1, k2, p1, p2, k3.

    Returns:
        The share of the straightened picture, 0 to 1, that comes from inside the camera's picture and is not folded
        over by the lens.
    """
    y, x = np.meshgrid(np.linspace(0, height - 1, POINTS), np.linspace(0, width - 1, POINTS), indexing="ij")
    with np.errstate(all="ignore"):
        rays = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3) @ np.linalg.inv(intrinsics).T
        bent = cv2.projectPoints(rays[:, None], np.zeros(3), np.zeros(3), intrinsics, distortion)[0]
        places = bent.reshape(POINTS, POINTS, 2)
        right, down = np.diff(places, axis=1)[:-1], np.diff(places, axis=0)[:, :-1]
        area = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
        upright = (area > 0) & (right[..., 0] > 0) & (down[..., 1] > 0)  # not turned over, once or twice
        inside = ((places >= -0.5) & (places <= np.array([width, height]) - 0.5)).all(axis=-1)[:-1, :-1]
    return float((upright & inside).mean())
