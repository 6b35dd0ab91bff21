"""The landmarks' model in every frame of a video: the jaw line's points are other vertices in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.tracking.head_model import JAW
from h2h.tracking.landmark_basis import Contour, PointModel

CHUNK = 1000  # frames


@dataclass(frozen=True)
class MovingPoints:
    """P points whose jaw line may slide.

    Attributes:
        points: at their own places.
        sliding: where the jaw line may be; None if it stays.
        jaw: i64 (T, 17), which of the sliding vertices it is; None before the first choice.
    """

    points: PointModel
    sliding: Contour | None = None
    jaw: np.ndarray | None = None

    def at(self, frame: int) -> PointModel:
        """The model of one frame's points."""
        if self.jaw is None or self.sliding is None:
            return self.points
        outline = self.sliding.model.take(self.jaw[frame])
        rest = self.points.take(slice(JAW.stop, None))
        return PointModel(
            np.concatenate([outline.mean, rest.mean]),
            np.concatenate([outline.identity, rest.identity]),
            np.concatenate([outline.expression, rest.expression]),
        )

    def shapes(self, z_id: np.ndarray, z_exp: np.ndarray) -> np.ndarray:
        """Eq. 1 at the points: (n_i,) and (T, n_e) -> f32 (T, P, 3) mm."""
        shapes = np.empty((len(z_exp), *self.points.mean.shape), np.float32)
        for first in range(0, len(z_exp), CHUNK):
            shapes[first : first + CHUNK] = self.points.shapes(z_id, z_exp[first : first + CHUNK])
        if self.jaw is not None and self.sliding is not None:
            for shape, z, jaw in zip(shapes, z_exp, self.jaw, strict=True):
                shape[JAW] = self.sliding.model.take(jaw).shapes(z_id, z[None])[0]
        return shapes

    def slide(self, z_id: np.ndarray, z_exp: np.ndarray, matrix: np.ndarray, plane: np.ndarray) -> MovingPoints:
        """Choose the jaw line's vertices anew.

        Args:
            z_id: (n_i,).
            z_exp: (T, n_e).
            matrix: (T, 3, 3), head to camera.
            plane: (T, P, 2), the detected points in millimetres of the camera's plane.
        """
        if self.sliding is None:
            return self
        model = self.sliding.model
        neutral = model.mean + model.identity @ z_id
        chosen = np.empty((len(z_exp), JAW.stop), np.int64)
        for t, z in enumerate(z_exp):
            shape = (neutral + model.expression @ z).reshape(*self.sliding.candidates.shape, 3)
            chosen[t] = self.sliding.choose(shape, matrix[t], plane[t, JAW])
        return MovingPoints(self.points, self.sliding, chosen)
