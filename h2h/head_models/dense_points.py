"""Where the 468 points of MediaPipe's face mesh lie on a head model: the detector looks at renderings of it.

A bare grey mesh would mislead the detector: it gets brows, lips, white eyes and irises. Still the detector sees a
painted mesh and a photograph a millimetre apart, in the same way for all people: `data/face_mesh_shift.json` is this
difference, measured on two people that no figure about the tracking comes from (`benchmarks/face_mesh_shift.py`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from tqdm import tqdm

from h2h.head_models.detected_points import SIZE, SKIN, shaded
from h2h.head_models.surface import Surface
from h2h.landmarks.mediapipe_mesh import MeshDetector
from h2h.tracking.head_model import FACE, INTERNAL, MOUTH, HeadModel

POINTS = 468  # the mesh without the irises
VIEWS = 40
YAW, PITCH = np.deg2rad(25.0), np.deg2rad(12.0)
IDENTITY, EXPRESSION = 0.6, 0.4  # standard deviations of the random faces
BROW, LIP = np.array([70.0, 50.0, 40.0]), np.array([170.0, 85.0, 85.0])
WHITE, IRIS = np.array([235.0, 235.0, 235.0]), np.array([50.0, 35.0, 30.0])
BROW_REACH = 2.8  # mm
BROWS = ((17, 18, 19, 20, 21), (22, 23, 24, 25, 26))
_SHIFT = Path(__file__).parent / "data" / "face_mesh_shift.json"
SHIFT = np.array(json.loads(_SHIFT.read_text(encoding="utf-8")))  # (468, 3), mm
ENOUGH = 5  # views in which a point must be seen on the skin


def with_dense_points(model: HeadModel, seed: int) -> HeadModel:
    """The model with its 468 dense points; without any if no face is found in its renderings.

    Args:
        model: the head model.
        seed: of the random faces and views.
    """
    rng = np.random.default_rng(seed)
    colours = painted(model)
    places: list[np.ndarray] = []
    with MeshDetector() as detector:
        for _ in tqdm(range(VIEWS), desc="head model: dense points", unit="view", leave=False):
            identity = rng.normal(size=len(model.identity_sigma)) * model.identity_sigma * IDENTITY
            expression = rng.normal(size=len(model.expression_sigma)) * model.expression_sigma * EXPRESSION
            turn = _turn(*rng.uniform(-1, 1, 2) * (YAW, PITCH))
            place = _detect(detector, model, model.shape(identity, expression) @ turn.T, colours)
            if place is not None:
                places.append(place)
    if not places:
        return model
    skin = model.triangles[model.region != INTERNAL]
    with np.errstate(invalid="ignore"):
        seen = np.isfinite(places).all(axis=2).sum(axis=0)
    middle = np.nanmedian(np.where(seen[None, :, None] > 0, places, 0.0), axis=0) + SHIFT
    _, triangle, weights = Surface(model.mean.astype(np.float64), skin).nearest(middle)
    weights[seen < ENOUGH] = 0.0
    return replace(model, dense_triangles=skin[triangle].astype(np.int32), dense_weights=weights.astype(np.float32))


def painted(model: HeadModel) -> np.ndarray:
    """A colour for every vertex, (N, 3): skin with brows and lips, white eyeballs with irises."""
    colours = np.tile(SKIN, (len(model.mean), 1))
    points = model.landmarks(model.mean)
    for brow in BROWS:
        line = np.concatenate([np.linspace(points[a], points[b], 20) for a, b in pairwise(brow)])
        colours[cKDTree(line).query(model.mean)[0] < BROW_REACH] = BROW
    face = np.unique(model.triangles[model.region == FACE])
    lips = face[_inside(model.mean[face, :2], points[MOUTH][:12, :2])]
    colours[lips] = LIP
    for side in (0, 1):
        colours[model.eyeball[side]] = WHITE
        eyes = model.eyes(model.mean)
        centre = model.mean[model.iris[side]].mean(axis=0)
        near = np.linalg.norm(model.mean - centre, axis=1) < 1.05 * eyes.iris_radius[side]
        inner = np.zeros(len(model.mean), bool)
        inner[model.eyeball[side]] = True
        colours[near & inner] = IRIS
    return colours


def _detect(detector: MeshDetector, model: HeadModel, shape: np.ndarray, colours: np.ndarray) -> np.ndarray | None:
    """Places on the mean face, (468, 3), NaN where a point is not on the skin; None without a face."""
    detector.reset()
    image, raster = shaded(shape, model.triangles, colours=colours, filling=_frame(model, shape))
    found = detector(image)
    if found is None or found.dense is None:
        return None
    on_skin = (raster.triangle >= 0) & (model.region[np.maximum(raster.triangle, 0)] != INTERNAL)
    rows, columns = np.nonzero(on_skin)
    distance, nearest = cKDTree(np.stack([columns, rows], axis=1) + 0.5).query(found.dense[:POINTS, :2] * SIZE)
    at = rows[nearest], columns[nearest]
    corners = model.mean[model.triangles[raster.triangle[at]]]
    places = (corners * raster.barycentric[at][..., None]).sum(axis=1)
    places[distance > 4] = np.nan
    return places


def _frame(model: HeadModel, shape: np.ndarray) -> np.ndarray:
    return shape[np.unique(model.triangles[model.region == FACE])]


def _turn(yaw: float, pitch: float) -> np.ndarray:
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return about_y @ about_x


def _inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether points (P, 2) lie in a polygon (K, 2)."""
    from matplotlib.path import Path as Outline

    return Outline(polygon).contains_points(points)
