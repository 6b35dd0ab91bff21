"""True flow of a scanned surface between two frames (Head2Head III.C).

A visible point of the surface is followed by its place on the triangle (its barycentric weights) to the next frame,
and both are projected; the difference is the flow. Only where it can be seen in both frames is the flow used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from h2h.io.mesh import Mesh
from h2h.render.pinhole import Pinhole, at_pixels, rasterise_pinhole

FINE = 4  # the second frame's depths are drawn at so many times the size: points do not land on pixel centres


class PairTruth(NamedTuple):
    """What is known of a pair of frames.

    Attributes:
        flow: f32 (H, W, 2), px from the first frame to the second; 0 where `face` is false.
        face: bool (H, W), the surface is seen here in the first frame, and its point in the second.
        background: bool (H, W), no surface here in the first frame.
    """

    flow: np.ndarray
    face: np.ndarray
    background: np.ndarray


def scan_flow(
    first: np.ndarray,
    second: np.ndarray,
    triangles: np.ndarray,
    camera: Pinhole,
    height: int,
    width: int,
    tolerance: float,
    scans: tuple[Mesh, Mesh] | None = None,
) -> PairTruth:
    """The true flow from one frame to the next.

    Args:
        first, second: (N, 3), the same surface points in both frames, world.
        triangles: int (M, 3), counter-clockwise as seen from outside.
        camera: of both frames.
        height, width: of the pictures, px.
        tolerance: how far a surface may lie before a point that still counts as visible, in pixels' widths at the
            point's depth (so it needs no unit and grows with coarser pictures).
        scans: the raw scans of both frames, when `first` and `second` are a template registered to them. They hide
            what lies behind them, and where the template is farther from its scan than the tolerance its flow is not
            used: neither face nor background.

    Returns:
        The flow and where it is known.
    """
    seen = rasterise_pinhole(first, triangles, camera, height, width)
    hit = seen.triangle >= 0
    covered, face = hit.copy(), hit.copy()
    allowed = tolerance / camera.focal
    if scans is not None:
        scan = rasterise_pinhole(scans[0].vertices, scans[0].triangles, camera, height, width).depth
        covered |= np.isfinite(scan)
        face[hit] = np.abs(seen.depth[hit] - scan[hit]) <= allowed * seen.depth[hit]
    before = camera.project(at_pixels(first, triangles, seen))
    after = camera.project(at_pixels(second, triangles, seen))
    surfaces = [(second, triangles)] + ([(scans[1].vertices, scans[1].triangles)] if scans is not None else [])
    visible = np.ones(len(after), bool)
    for points, corners in surfaces:
        visible &= _seen_in(after, points, corners, camera, height, width, allowed)
    face[hit] &= visible
    flow = np.zeros((height, width, 2), np.float32)
    flow[hit] = (after - before)[:, :2]
    flow[~face] = 0
    return PairTruth(flow, face, ~covered)


def _seen_in(
    places: np.ndarray,
    points: np.ndarray,
    triangles: np.ndarray,
    camera: Pinhole,
    height: int,
    width: int,
    allowed: float,
) -> np.ndarray:
    """Which projected points (P, 3) lie on the foremost surface, inside the picture; bool (P,)."""
    depth = rasterise_pinhole(points, triangles, camera.cropped(0, 0, FINE), height * FINE, width * FINE).depth
    inside = ((places[:, :2] >= 0) & (places[:, :2] < (width, height))).all(axis=1)
    x, y = np.floor(np.where(inside[:, None], places[:, :2], 0) * FINE).astype(np.int64).T
    return inside & (np.abs(places[:, 2] - depth[y, x]) <= allowed * places[:, 2])
