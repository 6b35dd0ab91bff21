"""Whose face shape a result has: its identity, refitted, against people's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from h2h.config.geometry import Tracking
from h2h.evaluation.bootstrap import jackknife_interval, jackknife_runs
from h2h.evaluation.face_shape import face_shape_distance
from h2h.evaluation.refit import Seen, refit
from h2h.tracking.head_model import HeadModel

RUNS = 5  # of the jackknife: each is one more fit


@dataclass(frozen=True)
class Shape:
    """Refitted identities.

    Attributes:
        whole: (n_i,), of all frames.
        left_out: (G, n_i), with runs of frames left out in turn; NaN where no face is left.
    """

    whole: np.ndarray
    left_out: np.ndarray

    def distance(self, model: HeadModel, reference: np.ndarray) -> tuple[float, tuple[float, float]]:
        """Face-shape distance to a person's identity (n_i,), mm, and its 95% interval (block jackknife)."""
        value = face_shape_distance(model, self.whole, reference)
        without = [
            face_shape_distance(model, one, reference) if np.isfinite(one).all() else np.nan for one in self.left_out
        ]
        return value, jackknife_interval(value, np.array(without))

    def scores(self, key: str, model: HeadModel, reference: np.ndarray) -> dict[str, Any]:
        """The same for a summary: `key`, and `key`_interval if there is one."""
        value, interval = self.distance(model, reference)
        return {key: value} | ({f"{key}_interval": interval} if np.isfinite(interval).all() else {})


def refitted_shape(model: HeadModel, settings: Tracking, seen: Seen | None, runs: int = RUNS) -> Shape | None:
    """One identity for a whole video, and what it depends on.

    Args:
        model: the head model.
        settings: of the fit.
        seen: the video's points.
        runs: of the jackknife, at least 2.

    Returns:
        None when the model fits no frame.
    """
    whole = refit(model, settings, seen)
    if whole is None:
        return None
    left_out = np.full((runs, len(whole.identity)), np.nan)
    for i, frames in enumerate(jackknife_runs(len(seen.found), runs)):
        fit = refit(model, settings, seen.kept(frames))
        if fit is not None:
            left_out[i] = fit.identity
    return Shape(whole.identity, left_out)
