"""A tiny head model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from h2h.tracking.head_model import FACE, HEAD, HeadModel


def head_model(seed: int = 0, identity: int = 4, expression: int = 3) -> HeadModel:
    """Random points and triangles with everything that a head model needs."""
    rng = np.random.default_rng(seed)
    count = 60
    some = rng.integers(0, count, (68, 3)).astype(np.int32)
    return HeadModel(
        mean=rng.normal(0, 50, (count, 3)).astype(np.float32),
        triangles=rng.integers(0, count, (40, 3)).astype(np.int32),
        region=np.repeat([FACE, HEAD], 20).astype(np.uint8),
        identity_basis=rng.normal(0, 1, (identity, count, 3)).astype(np.float32),
        identity_sigma=np.ones(identity, np.float32),
        expression_basis=rng.normal(0, 1, (expression, count, 3)).astype(np.float32),
        expression_sigma=np.ones(expression, np.float32),
        landmark_triangles=some,
        landmark_weights=np.full((68, 3), 1 / 3, np.float32),
        contour=some[:17],
        eyelids=some[:2],
        eyeball=some[:2],
        iris=np.repeat(some[:2, :1], 8, 1),
        pupil=np.repeat(some[:2, :1], 8, 1),
        licence="# CC0\nand more",
    )


def shifted(model: HeadModel, millimetres: float) -> HeadModel:
    """The same with one point of the face elsewhere."""
    mean = model.mean.copy()
    mean[model.triangles[0, 0]] += millimetres
    return replace(model, mean=mean)
