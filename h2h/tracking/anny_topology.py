"""Cut the head out of MakeHuman's body mesh and name its parts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from h2h.tracking.makehuman import BaseMesh

INTERNAL, FACE, HEAD = 0, 1, 2
HELPERS = ("helper-l-eye", "helper-r-eye", "helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "hm08.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class HeadTopology:
    """The head's part of the body mesh; N vertices, M triangles.

    Attributes:
        source: i64 (N,), vertex of the body.
        triangles: i32 (M, 3), counter-clockwise seen from outside.
        region: u8 (M,), INTERNAL (eyeballs, sockets, mouth cavity, teeth, tongue), FACE or HEAD (the rest of the
            skin: scalp, ears, neck).
        eyelids: i32 (2, L), the edge of the right and of the left eye's opening, in order, counter-clockwise seen
            from outside.
    """

    source: np.ndarray
    triangles: np.ndarray
    region: np.ndarray
    eyelids: np.ndarray

    def index(self, body_vertices: Any) -> np.ndarray:
        """Vertices of the body -> i32 vertices of the head (same shape)."""
        inverse = np.full(int(self.source.max()) + 1, -1, np.int32)
        inverse[self.source] = np.arange(len(self.source), dtype=np.int32)
        return inverse[np.asarray(body_vertices)]


def head_topology(body: BaseMesh) -> HeadTopology:
    """Cut off the head at the base of the neck, add eyeballs, teeth and tongue."""
    centre = body.vertices[body.quads].mean(axis=1)
    shoulder = (centre[:, 1] < 6.1) & (np.abs(centre[:, 0]) > 0.62)
    skin = np.flatnonzero((body.groups == "body") & (centre[:, 1] > 5.75) & ~shoulder)
    helpers = np.concatenate([np.flatnonzero(body.groups == name) for name in HELPERS])
    quads = np.concatenate([skin, helpers])
    source = np.unique(body.quads[quads])

    chart = _charts(body.charts[skin])
    head_chart = np.bincount(chart).argmax()
    # the neck's charts lie outside as well; sockets and mouth cavity are those that an outline of the face encloses
    outside = np.isin(chart, [c for c in np.unique(chart) if c == head_chart or _is_neck(centre[skin][chart == c])])
    region = np.full(len(quads), INTERNAL, np.uint8)
    region[: len(skin)][outside] = HEAD
    region[: len(skin)][(chart == head_chart) & _in_face(centre[skin])] = FACE

    topology = HeadTopology(source, np.zeros((0, 3), np.int32), region, np.zeros((2, 0), np.int32))
    local = topology.index(body.quads[quads])
    sides = [(centre[skin][:, 0] < 0), (centre[skin][:, 0] > 0)]  # MakeHuman's x points to the subject's left
    eyelids = []
    for side in sides:
        socket = np.isin(chart, _sockets(chart, centre[skin], head_chart)) & side
        # the opening's edge has a skin quad on one side and a socket quad on the other, whose corners run round the
        # opening's own outside: reversed they run counter-clockwise about what one sees through it
        eyelids.append(_border_loop(local[: len(skin)][socket], local[: len(skin)][chart == head_chart]))
    triangles = np.concatenate([local[:, [0, 1, 2]], local[:, [0, 2, 3]]])
    return HeadTopology(source, triangles, np.concatenate([region, region]), np.array(eyelids, np.int32))


def _charts(corners: np.ndarray) -> np.ndarray:
    """Texture coordinates of quads (Q, 4) -> number of the connected chart of each quad (Q,)."""
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 3]]])
    size = int(corners.max()) + 1
    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    labels = connected_components(graph, directed=False)[1][corners[:, 0]]
    return np.unique(labels, return_inverse=True)[1]


def _is_neck(centres: np.ndarray) -> bool:
    return bool(centres[:, 1].min() < 6.0)


def _sockets(chart: np.ndarray, centres: np.ndarray, head_chart: int) -> list[int]:
    """The two charts that lie wholly at the height of the eyes."""
    return [c for c in np.unique(chart) if c != head_chart and centres[chart == c][:, 1].min() > 7.0]


def _in_face(centres: np.ndarray) -> np.ndarray:
    """From the hairline to below the chin, in front of the ears: an oval seen from the front."""
    oval = (centres[:, 0] / 0.77) ** 2 + ((centres[:, 1] - 7.05) / 1.1) ** 2
    return (centres[:, 2] > 0.68) & (oval < 1)


def _border_loop(inner: np.ndarray, outer: np.ndarray) -> list[int]:
    """Vertices along the border between two sets of quads, in the order of the inner quads' corners."""
    outer_edges = {(a, b) for quad in outer.tolist() for a, b in zip(quad, quad[1:] + quad[:1], strict=True)}
    following = {
        a: b for quad in inner.tolist() for a, b in zip(quad, quad[1:] + quad[:1], strict=True) if (b, a) in outer_edges
    }
    start = min(following)
    loop = [start]
    while following[loop[-1]] != start:
        loop.append(following[loop[-1]])
    if len(loop) != len(following):
        raise ValueError(f"the border falls into pieces: {len(loop)} of {len(following)} edges in the first")
    return loop
