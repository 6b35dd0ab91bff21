"""The head model at the landmarks, with jaw points that slide along the silhouette."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.tracking.head_model import INTERNAL, JAW, HeadModel

SLIDE = 0.35  # a millimetre away from a jaw point's own place costs as much as this many millimetres of error
FACING = 8.0  # mm of error that a candidate in the face's middle (facing the viewer) costs


@dataclass(frozen=True)
class PointModel:
    """A morphable set of P points: x = mean + identity z_id + expression z_exp, z in standard deviations.

    Attributes:
        mean: f64 (P, 3), mm.
        identity: f64 (P, 3, n_i).
        expression: f64 (P, 3, n_e).
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray

    def take(self, points: np.ndarray | slice) -> PointModel:
        """The chosen points."""
        return PointModel(self.mean[points], self.identity[points], self.expression[points])

    def joined(self, other: PointModel) -> PointModel:
        """These points, then the other's."""
        pairs = ((getattr(self, key), getattr(other, key)) for key in ("mean", "identity", "expression"))
        return PointModel(*(np.concatenate(pair) for pair in pairs))

    def shapes(self, z_id: np.ndarray, z_exp: np.ndarray) -> np.ndarray:
        """Eq. 1 for T frames: (n_i,) and (T, n_e) -> (T, P, 3) mm."""
        moved = z_exp @ self.expression.reshape(-1, self.expression.shape[-1]).T
        return self.mean + self.identity @ z_id + moved.reshape(len(z_exp), -1, 3)


def landmark_model(model: HeadModel) -> PointModel:
    """The 68 iBUG points."""
    sigma_i, sigma_e = model.identity_sigma.astype(np.float64), model.expression_sigma.astype(np.float64)
    return PointModel(
        model.landmarks(model.mean.astype(np.float64)),
        np.moveaxis(model.landmarks(model.identity_basis), 0, -1) * sigma_i,
        np.moveaxis(model.landmarks(model.expression_basis), 0, -1) * sigma_e,
    )


# MediaPipe's face oval: like the jaw line, the outline in the picture and not a place on the skin
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


def dense_indices(model: HeadModel, dense: np.ndarray) -> np.ndarray:
    """Which of the 468 points a fit can use: known on the model, not on the oval, detected in some frame."""
    usable = model.dense_weights.any(axis=1) & np.isfinite(dense).all(axis=2).any(axis=0)
    usable[list(OVAL)] = False
    return np.flatnonzero(usable)


def dense_model(model: HeadModel, chosen: np.ndarray) -> PointModel:
    """Some points of MediaPipe's face mesh, (P,)."""
    sigma_i, sigma_e = model.identity_sigma.astype(np.float64), model.expression_sigma.astype(np.float64)
    pick = lambda vertices: model.dense_points(vertices)[..., chosen, :]  # noqa: E731
    return PointModel(
        pick(model.mean.astype(np.float64)),
        np.moveaxis(pick(model.identity_basis), 0, -1) * sigma_i,
        np.moveaxis(pick(model.expression_basis), 0, -1) * sigma_e,
    )


def vertex_model(model: HeadModel, vertices: np.ndarray) -> PointModel:
    """Some vertices, (P,)."""
    sigma_i, sigma_e = model.identity_sigma.astype(np.float64), model.expression_sigma.astype(np.float64)
    return PointModel(
        model.mean[vertices].astype(np.float64),
        np.moveaxis(model.identity_basis[:, vertices], 0, -1) * sigma_i,
        np.moveaxis(model.expression_basis[:, vertices], 0, -1) * sigma_e,
    )


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Area-weighted unit normals (N, 3), pointing out of the head."""
    a, b, c = (vertices[triangles[:, i]].astype(np.float64) for i in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros((len(vertices), 3))
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], face)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


class Contour:
    """Chooses for each jaw point and frame the vertex that it shows.

    An annotated jaw line is the outline of the face in the picture, so the point of the skin that it shows depends on
    the pose. Each jaw point may move to the vertices around it; the one with the least sum of squared reprojection
    error, distance from its own place and turn towards the viewer is taken (one step of iterated closest points).
    """

    def __init__(self, model: HeadModel):
        self.candidates = model.contour
        self.model = vertex_model(model, model.contour.ravel())
        own = model.landmarks(model.mean)[JAW]
        self._away = np.linalg.norm(model.mean[model.contour] - own[:, None], axis=-1)
        skin = model.triangles[model.region != INTERNAL]
        self._normals = vertex_normals(model.mean, skin)[model.contour]

    def choose(self, shape: np.ndarray, matrix: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Choose candidates for one frame.

        Args:
            shape: (17, C, 3), the candidates in head axes, mm.
            matrix: (3, 3), head to camera.
            seen: (17, 2), the detected points in millimetres of the camera's plane.

        Returns:
            i64 (17,), indices into `self.model`.
        """
        error = np.linalg.norm((shape @ matrix.T)[..., :2] - seen[:, None], axis=-1)
        facing = np.abs((self._normals @ matrix.T)[..., 2])
        cost = error**2 + (SLIDE * self._away) ** 2 + (FACING * facing) ** 2
        return cost.argmin(axis=1) + np.arange(len(cost)) * cost.shape[1]
