"""From a morphable mesh to a head model: axes, millimetres, landmarks, regions, eyes, and expressions if it has none.

The open head model, warped onto the mesh by thin-plate splines through the landmarks, says where everything is.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from h2h.head_models.morphable_mesh import MorphableMesh
from h2h.head_models.surface import Surface
from h2h.tracking.head_model import HEAD, HeadModel
from h2h.tracking.shape_statistics import similarities

STIFFNESS = 1.0  # of the splines: landmark lists disagree by a millimetre or two
REACH = 20.0  # mm: what is farther from the open head's surface is scalp, neck or shoulder, and does not move


def complete(mesh: MorphableMesh, reference: HeadModel, numbers: np.ndarray, points: np.ndarray) -> HeadModel:
    """Make a head model of a mesh.

    Args:
        mesh: in any axes and unit.
        reference: the open head model.
        numbers: int (K,), which of the 68 iBUG points are known.
        points: (K, 3), where, in the mesh's axes; at least four that do not lie in a plane.

    Returns:
        In the axes of `h2h.tracking.head_model` and in millimetres, as far as the faces' mean size tells.
    """
    open_points = reference.landmarks(reference.mean.astype(np.float64))
    points = np.asarray(points, np.float64)
    matrix = similarities(points[None], open_points[numbers])[0]
    move = open_points[numbers].mean(axis=0) - points.mean(axis=0) @ matrix
    mean = mesh.mean @ matrix + move
    triangles = outward(mean, mesh.triangles)
    known = points @ matrix + move
    warp = RBFInterpolator(open_points[numbers], known, kernel="thin_plate_spline", smoothing=STIFFNESS)
    warped = warp(reference.mean.astype(np.float64))
    surface, cover = Surface(mean, triangles), Surface(warped, reference.triangles)
    vertices = cKDTree(mean)

    wanted = np.einsum("kcd,kc->kd", warped[reference.landmark_triangles], reference.landmark_weights)
    wanted[numbers] = known
    _, own, weights = surface.nearest(wanted)
    rings = vertices.query(warped[reference.eyelids])[1]
    eyes = _Eyes.of(reference, mean[rings])
    identity = _turned(mesh.identity, matrix)
    expression = _turned(mesh.expression, matrix) if len(mesh.expression) else _borrowed(reference, cover, mean)
    ride = identity[:, rings].mean(axis=2)[:, eyes.side]  # eyeballs follow their lids
    identity = np.concatenate([identity, ride], axis=1)
    expression = np.concatenate([expression, np.zeros((len(expression), len(eyes.kept), 3), np.float32)], axis=1)
    basis_i, sigma_i = _unit(identity)
    basis_e, sigma_e = _unit(expression)
    return HeadModel(
        mean=np.concatenate([mean, eyes.places]).astype(np.float32),
        triangles=triangles,
        region=_regions(mean, triangles, cover, reference),
        identity_basis=basis_i,
        identity_sigma=sigma_i,
        expression_basis=basis_e,
        expression_sigma=sigma_e,
        landmark_triangles=triangles[own].astype(np.int32),
        landmark_weights=weights.astype(np.float32),
        contour=vertices.query(warped[reference.contour])[1].astype(np.int32),
        eyelids=rings.astype(np.int32),
        eyeball=eyes.index(reference.eyeball, len(mean)),
        iris=eyes.index(reference.iris, len(mean)),
        pupil=eyes.index(reference.pupil, len(mean)),
        licence=mesh.licence,
    )


def outward(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """The triangles, i32, turned round if most of the surface faces inwards."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    away = (a + b + c) / 3 - vertices.mean(axis=0)
    facing = (np.cross(b - a, c - a) * away).sum()
    return np.ascontiguousarray(triangles if facing > 0 else triangles[:, ::-1], dtype=np.int32)


class _Eyes:
    """The open model's eyeballs, irises and pupils, put behind the mesh's lids; they belong to no triangle."""

    def __init__(self, kept: np.ndarray, places: np.ndarray, side: np.ndarray):
        self.kept, self.places, self.side = kept, places, side

    @staticmethod
    def of(reference: HeadModel, rings: np.ndarray) -> _Eyes:
        kept, places, sides = [], [], []
        for side in (0, 1):
            own = np.unique(np.concatenate([reference.eyeball[side], reference.iris[side], reference.pupil[side]]))
            move = rings[side].mean(axis=0) - reference.mean[reference.eyelids[side]].mean(axis=0)
            kept.append(own)
            places.append(reference.mean[own] + move)
            sides.append(np.full(len(own), side))
        return _Eyes(np.concatenate(kept), np.concatenate(places), np.concatenate(sides))

    def index(self, vertices: np.ndarray, first: int) -> np.ndarray:
        """Vertices of the open model -> i32 vertices behind `first` others."""
        place = {int(v): first + i for i, v in enumerate(self.kept)}
        return np.vectorize(place.__getitem__)(vertices).astype(np.int32)


def _regions(mean: np.ndarray, triangles: np.ndarray, cover: Surface, reference: HeadModel) -> np.ndarray:
    distance, nearest, _ = cover.nearest(mean[triangles].mean(axis=1))
    return np.where(distance < REACH, reference.region[nearest], HEAD).astype(np.uint8)


def _borrowed(reference: HeadModel, cover: Surface, mean: np.ndarray) -> np.ndarray:
    """The open model's expressions at a mesh without its own, one standard deviation each: f32 (n_e, N, 3)."""
    distance, nearest, weights = cover.nearest(mean)
    share = weights * np.clip(2 - 2 * distance / REACH, 0, 1)[:, None]
    corners = reference.triangles[nearest]
    moved = sum(reference.expression_basis[:, corners[:, i]] * share[:, i, None] for i in range(3))
    return (moved * reference.expression_sigma[:, None, None]).astype(np.float32)


def _turned(offsets: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return offsets @ matrix.astype(np.float32)


def _unit(offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of one standard deviation -> components of unit length, and the deviations."""
    sigma = np.sqrt((offsets.astype(np.float64) ** 2).sum(axis=(1, 2)))
    return (offsets / sigma[:, None, None]).astype(np.float32), sigma.astype(np.float32)
