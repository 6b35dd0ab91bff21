"""Whose face shape a result has: the head model refitted, against the shapes that people's own identities give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2h.config.geometry import Tracking
from h2h.evaluation.bootstrap import jackknife_interval, jackknife_runs
from h2h.evaluation.face_shape import aligned_rms, face_vertices, shape_share
from h2h.evaluation.refit import Seen, refit
from h2h.tracking.fit import VideoFit
from h2h.tracking.head_model import HeadModel

RUNS = 5  # of the jackknife: each is one more fit
SAME = 0.1  # mm between two people's faces below which there is no way from one to the other


def mean_shape(model: HeadModel, identity: np.ndarray, expression: np.ndarray) -> np.ndarray:
    """The face's vertices, mean over frames, without pose: (n_i,) and (T, n_e) -> (F, 3) mm.

    With the mean expression, since a fit cannot tell a face that always smiles from one that is made so: what it moves
    from one to the other would count as another shape.
    """
    face = face_vertices(model)
    return model.shape(identity, np.mean(expression, axis=0))[face]


@dataclass(frozen=True)
class Shape:
    """A result's refitted face.

    Attributes:
        whole: (F, 3) mm, `mean_shape` of all frames.
        left_out: (G, F, 3), with runs of frames left out in turn; NaN where too few are left.
        frames: G times bool (T,), the frames that were kept.
    """

    whole: np.ndarray
    left_out: np.ndarray
    frames: list[np.ndarray]

    def distance(self, key: str, model: HeadModel, identity: np.ndarray, motion: VideoFit) -> dict[str, Any]:
        """How far the face is from a person's that makes the same expressions, mm, RMS after a similarity alignment.

        Args:
            key: of the score.
            model: the head model.
            identity: (n_i,), the person's own.
            motion: of the frames that the result repeats, fitted with the identity of who is seen in them.

        Returns:
            `key`, and `key`_interval if there is one: 95%, block jackknife.
        """
        one = lambda face, moved: aligned_rms(face, mean_shape(model, identity, moved))  # noqa: E731
        return self._scores(key, one, motion, least=0.0)

    def share(
        self, key: str, model: HeadModel, target: np.ndarray, source: np.ndarray, motion: VideoFit
    ) -> dict[str, Any]:
        """`shape_share` between two people's faces that make the same expressions; arguments as for `distance`."""
        one = lambda face, moved: shape_share(  # noqa: E731
            face, mean_shape(model, target, moved), mean_shape(model, source, moved)
        )
        apart = aligned_rms(*(mean_shape(model, person, motion.expression) for person in (source, target)))
        return self._scores(key, one, motion, least=-np.inf) if apart > SAME else {}

    def _scores(
        self, key: str, score: Callable[[np.ndarray, np.ndarray], float], motion: VideoFit, least: float
    ) -> dict[str, Any]:
        value = score(self.whole, motion.expression[motion.tracked])
        without = np.full(len(self.frames), np.nan)
        for i, kept in enumerate(self.frames):
            there = kept & motion.tracked
            if there.any() and np.isfinite(self.left_out[i]).all():
                without[i] = score(self.left_out[i], motion.expression[there])
        if not len(without) or np.isnan(without).any():
            return {key: value}
        return {key: value, f"{key}_interval": jackknife_interval(value, without, least)}


def refitted_shape(model: HeadModel, settings: Tracking, seen: Seen | None, runs: int = RUNS) -> Shape | None:
    """One face for a whole video, and what it depends on.

    Args:
        model: the head model.
        settings: of the fit.
        seen: the video's points.
        runs: of the jackknife; 0 for no interval.

    Returns:
        None when the model fits no frame.
    """
    whole = _face(model, refit(model, settings, seen))
    if whole is None:
        return None
    frames = jackknife_runs(len(seen.found), runs) if runs else []
    left_out = np.full((runs, *whole.shape), np.nan)
    for i, kept in enumerate(frames):
        face = _face(model, refit(model, settings, seen.kept(kept)))
        if face is not None:
            left_out[i] = face
    return Shape(whole, left_out, frames)


def _face(model: HeadModel, fit: VideoFit | None) -> np.ndarray | None:
    return None if fit is None else mean_shape(model, fit.identity, fit.expression[fit.tracked])
