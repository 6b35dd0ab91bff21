"""The fit with the values of the section `tracking` of the parameters."""

from __future__ import annotations

import numpy as np

from h2h.config.geometry import Tracking
from h2h.tracking.fit import VideoFit, fit_video
from h2h.tracking.head_model import HeadModel
from h2h.tracking.video_least_squares import Weights


def weights_of(settings: Tracking) -> Weights:
    """The weights of eq. 2."""
    return Weights(
        settings.landmark_weight,
        settings.identity_prior,
        settings.expression_prior,
        settings.smoothness,
        settings.identity_bound,
        settings.expression_bound,
    )


def fit_as_set(
    model: HeadModel,
    settings: Tracking,
    landmarks: np.ndarray,
    iris: np.ndarray,
    confidence: np.ndarray,
    segment: np.ndarray,
    dense: np.ndarray | None,
) -> VideoFit:
    """`fit_video` as params.yaml has it; the arrays are its arguments."""
    return fit_video(
        model,
        landmarks,
        iris,
        confidence,
        segment,
        weights_of(settings),
        settings.alternations,
        settings.contour,
        settings.max_residual,
        dense,
        settings.dense_weight,
    )
