"""The head model in a person's bundle: which may go in, and how much of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from h2h.tracking.head_model import INTERNAL, HeadModel

OPEN = ("CC0", "(MIT)")  # in the first line of a head model's licence: it may be passed on


def is_open(licence: str) -> bool:
    """Whether a head model of this licence may be in a file that is passed on."""
    return any(word in licence.split("\n")[0] for word in OPEN)


def skin_only(model: HeadModel) -> HeadModel:
    """The same without what neither a fit nor a picture needs: triangles inside the head, and their vertices."""
    skin = model.region != INTERNAL
    parts = ("landmark_triangles", "contour", "eyelids", "eyeball", "iris", "pupil", "dense_triangles")
    used = np.unique(np.concatenate([model.triangles[skin].ravel(), *(getattr(model, part).ravel() for part in parts)]))
    place = np.zeros(len(model.mean), np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    return replace(
        model,
        mean=model.mean[used],
        triangles=place[model.triangles[skin]],
        region=model.region[skin],
        identity_basis=model.identity_basis[:, used],
        expression_basis=model.expression_basis[:, used],
        **{part: place[getattr(model, part)] for part in parts},
    )
