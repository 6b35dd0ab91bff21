"""The tracker's live form: the identity is known, one frame comes at a time, and the past is held.

The energy is that of `fit` for the 68 landmarks: for the newest frame the second difference is a pull towards where
the last two expressions were heading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky
from scipy.optimize import lsq_linear

from h2h.tracking.fit import JAW_WEIGHT, fit_eyes, in_plane, landmark_residual, outlier_weights, to_millimetres
from h2h.tracking.head_model import JAW, HeadModel
from h2h.tracking.landmark_basis import Contour, PointModel, landmark_model
from h2h.tracking.moving_points import MovingPoints
from h2h.tracking.shape_fit import frame_rows
from h2h.tracking.sop import Cameras, fit_cameras, refine_cameras
from h2h.tracking.video_least_squares import Weights

ROUNDS, CAMERA_STEPS = 1, 2
FIRST_ROUNDS = 6  # of a face that was not there before
PATIENCE = 10  # frames that are not believed before the past is forgotten
FIRST_SPREAD, MEMORY = 1.5, 0.97  # mm; how much of a point's spread stays from frame to frame


@dataclass(frozen=True)
class LiveFrame:
    """One frame's parameters; units as in `fit.VideoFit`.

    Attributes:
        expression: f64 (n_e,).
        scale: crop fractions a millimetre.
        rotation: f64 (4,).
        translation: f64 (2,).
        gaze: f64 (2, 2), that of the last open eyes where they are closed.
        residual: landmark RMS over the distance between the outer eye corners.
    """

    expression: np.ndarray
    scale: float
    rotation: np.ndarray
    translation: np.ndarray
    gaze: np.ndarray
    residual: float


class LiveTracker:
    """Fits frame after frame.

    Args:
        model: the head model.
        identity: (n_i,), mm, from a fit of an earlier video of the person.
        weights: of eq. 2; those of the identity do not matter.
        contour: fit the jaw line too.
        max_residual: a frame above it is not believed: the next ones do not build on it.
    """

    def __init__(
        self,
        model: HeadModel,
        identity: np.ndarray,
        weights: Weights,
        contour: bool = True,
        max_residual: float = 0.25,
    ):
        self.model, self.weights, self.max_residual = model.reduced(), weights, max_residual
        self._neutral = self.model.neutral(identity)
        z_id = np.asarray(identity, np.float64) / model.identity_sigma
        self._nobody = np.zeros(0)  # the identity is part of the mean
        sliding = Contour(model) if contour else None
        if sliding is not None:
            sliding.model = _of_person(sliding.model, z_id)
        self._moving = MovingPoints(_of_person(landmark_model(model), z_id), sliding)
        self._weights = np.ones(68)
        self._weights[JAW] = JAW_WEIGHT if contour else 0.0
        self._prior = weights.expression * np.eye(len(model.expression_sigma))
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next frame shows a face that was not there before."""
        self._cameras: Cameras | None = None
        self._past: list[np.ndarray] = []  # the last two z_exp
        self._spread = np.full(68, FIRST_SPREAD)
        self._gaze = np.zeros((2, 2))
        self._bad = 0  # frames in a row that were not believed

    def __call__(self, landmarks: np.ndarray, iris: np.ndarray) -> LiveFrame:
        """Fit a frame.

        Args:
            landmarks: (68, 2), crop fractions.
            iris: (2, 5, 2), right and left: centre and rim; NaN where not detected.

        Raises:
            ValueError: a landmark is not finite.
        """
        seen = np.asarray(landmarks, np.float64)[None]
        if not np.isfinite(seen).all():
            raise ValueError("landmarks that are not finite")
        z = self._past[-1] if self._past else np.zeros(len(self._prior))
        trusted, moving = self._weights[None], self._moving
        for number in range(ROUNDS if self._past else FIRST_ROUNDS):
            shapes = moving.shapes(self._nobody, z[None])
            if self._cameras is None:
                self._cameras = fit_cameras(shapes, seen, trusted)
            else:
                self._cameras = refine_cameras(self._cameras, shapes, seen, trusted, CAMERA_STEPS)
            matrix, plane = self._cameras.matrix, to_millimetres(seen, self._cameras)
            if number or self._past:
                length = np.linalg.norm(in_plane(shapes, matrix) - plane, axis=-1)
                trusted = self._weights * outlier_weights(length, self._spread)
            moving = moving.slide(self._nobody, z[None], matrix, plane)
            z = self._solve(frame_rows(moving.at(0), matrix[0], plane[0], trusted[0], self._nobody, z))
        shapes = moving.shapes(self._nobody, z[None])
        self._cameras = refine_cameras(self._cameras, shapes, seen, trusted, CAMERA_STEPS)
        residual = float(landmark_residual(shapes, self._cameras, seen, self._weights)[0])
        expression = z * self.model.expression_sigma
        found = LiveFrame(
            expression,
            float(self._cameras.scale[0]),
            self._cameras.rotation[0],
            self._cameras.translation[0],
            self._look(expression, seen, iris),
            residual,
        )
        if not residual <= self.max_residual:
            self._bad += 1
            self._cameras = None  # refined from here they would stay lost
            if self._bad > PATIENCE:
                self.reset()
            return found
        self._bad = 0
        error = in_plane(shapes, self._cameras.matrix) - to_millimetres(seen, self._cameras)
        self._learn_spread(np.linalg.norm(error, axis=-1)[0])
        self._past = [*self._past[-1:], z]
        return found

    def _solve(self, rows: np.ndarray) -> np.ndarray:
        """The expression, within its bounds."""
        w, size = self.weights, len(self._prior)
        factors, right = rows[:, :size], rows[:, -1]
        hessian = w.landmarks * factors.T @ factors + self._prior
        linear = w.landmarks * factors.T @ right
        if len(self._past) == 2:
            hessian += w.smoothness * np.eye(size)
            linear += w.smoothness * (2 * self._past[1] - self._past[0])
        z = cho_solve(cho_factor(hessian, lower=True), linear)
        if (np.abs(z) <= w.expression_bound).all():
            return z
        root = cholesky(hessian)  # |root z - root^-T linear|^2 has the same minimum
        wanted = np.linalg.solve(root.T, linear)
        return lsq_linear(root, wanted, (-w.expression_bound, w.expression_bound), method="bvls").x

    def _learn_spread(self, length: np.ndarray) -> None:
        # of an outlier only as much as the furthest inlier: a hand before the face must not become normal
        typical = np.minimum(length / 1.2533, 3 * self._spread)  # mean of a Rayleigh distribution
        self._spread = MEMORY * self._spread + (1 - MEMORY) * typical

    def _look(self, expression: np.ndarray, seen: np.ndarray, iris: np.ndarray) -> np.ndarray:
        assert self._cameras is not None
        found = fit_eyes(
            self.model, self._neutral, expression[None], self._cameras, seen, np.asarray(iris, np.float64)[None],
            np.ones(1, bool), self._gaze,
        )  # fmt: skip
        self._gaze = found[0]
        return self._gaze


def _of_person(points: PointModel, z_id: np.ndarray) -> PointModel:
    """The points' model with the identity in its mean."""
    return PointModel(points.mean + points.identity @ z_id, points.identity[..., :0], points.expression)
