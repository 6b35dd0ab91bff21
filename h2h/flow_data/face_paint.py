"""What is painted on a face: brows, lips, beard, lashes, freckles, as maps over the mean face seen from the front."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy.ndimage import map_coordinates

from h2h.tracking.head_model import HeadModel

LEFT, TOP = -95.0, -115.0  # mm, of the maps' upper left corner
WIDTH, HEIGHT = 190, 230  # mm
FINE = 2  # pixels a mm
BROWS = (range(17, 22), range(22, 27))
OUTER_LIPS, INNER_LIPS = range(48, 60), range(60, 68)
BEARD = (*range(2, 15), 54, 53, 33, 49, 48)  # along the jaw, back over the corners of the mouth and below the nose


class FacePaint(NamedTuple):
    """Maps of how much of each colour there is, f32 (H, W), 0 to 1."""

    brows: np.ndarray
    lips: np.ndarray
    beard: np.ndarray
    lashes: np.ndarray
    freckles: np.ndarray


def draw_face_paint(model: HeadModel, rng: np.random.Generator) -> FacePaint:
    """Draw a person's maps: shapes from the model's landmarks, widths and numbers by chance."""
    points = (model.landmarks(model.mean)[:, :2] - (LEFT, TOP)) * FINE
    lids = (model.mean[model.eyelids][..., :2] - (LEFT, TOP)) * FINE
    width = rng.uniform(3.5, 7.0)
    brows = sum(_line(points[list(brow)], width, closed=False) for brow in BROWS)
    lips = _filled(points[list(OUTER_LIPS)]) * (1 - _filled(points[list(INNER_LIPS)]))
    lashes = sum(_line(lid, rng.uniform(0.5, 1.5), closed=True) for lid in lids)
    freckles = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.float32)
    for x, y, radius, strength in zip(*_spots(rng), strict=True):
        cv2.circle(freckles, (int(x), int(y)), int(radius), float(strength), -1, cv2.LINE_AA)
    beard = _blurred(_filled(points[list(BEARD)]), 5.0) * (1 - lips)
    return FacePaint(_blurred(brows, 1.0), _blurred(lips, 0.7), beard, _blurred(lashes, 0.4), _blurred(freckles, 0.4))


def look_up(paint: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Read a map at points of the mean face (P, 3), mm -> f32 (P,); 0 outside."""
    places = (points[:, 1::-1] - (TOP, LEFT)) * FINE - 0.5
    return map_coordinates(paint, places.T, order=1, cval=0.0)


def _spots(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Freckles (many or none) and a few moles: x, y, radius in the maps' pixels, strength."""
    freckles, moles = int(rng.choice([0, 60, 250])), int(rng.integers(2, 14))
    count = freckles + moles
    x, y = rng.uniform(0, WIDTH * FINE, count), rng.uniform(0, HEIGHT * FINE, count)
    radius = np.r_[rng.uniform(0.5, 1.6, freckles), rng.uniform(1.0, 3.0, moles)]
    return x, y, radius, np.r_[rng.uniform(0.1, 0.5, freckles), rng.uniform(0.4, 1.0, moles)]


def _filled(polygon: np.ndarray) -> np.ndarray:
    mask = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.float32)
    cv2.fillPoly(mask, [polygon.round().astype(np.int32)], 1.0, cv2.LINE_AA)
    return mask


def _line(points: np.ndarray, width: float, closed: bool) -> np.ndarray:
    mask = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.float32)
    thickness = max(1, round(width * FINE))
    cv2.polylines(mask, [points.round().astype(np.int32)], closed, 1.0, thickness, cv2.LINE_AA)
    return mask


def _blurred(mask: np.ndarray, sigma: float) -> np.ndarray:
    """Blur by `sigma` mm."""
    return np.clip(cv2.GaussianBlur(mask, (0, 0), sigma * FINE), 0, 1)
