"""What a head model is known by."""

from __future__ import annotations

import numpy as np

from h2h.bundles.card import HeadModelMark
from h2h.render.nmfc import nmfc_colours, region_triangles
from h2h.tracking.head_model import HeadModel


def head_model_mark(model: HeadModel) -> HeadModelMark:
    """The mark of a head model."""
    face = model.triangles[region_triangles(model, "face")]
    colours = nmfc_colours(model.mean, face).astype(np.float64)
    return HeadModelMark(
        vertices=len(model.mean),
        triangles=len(model.triangles),
        face=len(face),
        identity=len(model.identity_sigma),
        expression=len(model.expression_sigma),
        colours=[round(float(value), 3) for value in (*colours.mean(axis=0), *colours.std(axis=0))],
        licence="".join(c for c in model.licence.strip("# \n").split("\n")[0] if c.isprintable())[:300],
    )
