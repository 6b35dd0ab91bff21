"""Optional: nvdiffrast on a GPU instead of the CPU rasteriser, when it is installed and a GPU is there."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from h2h.render.rasteriser import rasterise
from h2h.render.rasteriser_reference import Raster

Rasteriser = Callable[[np.ndarray, np.ndarray, int, int], Raster]


@functools.cache
def best_rasteriser() -> Rasteriser:
    """The GPU's if it can be used, else ours."""
    try:
        import nvdiffrast.torch as dr
        import torch
    except ImportError:
        return rasterise
    if not torch.cuda.is_available():
        return rasterise
    context = dr.RasterizeCudaContext()
    return functools.partial(_rasterise_cuda, dr, context)


def to_clip_space(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pixel coordinates (N, 3) -> homogeneous clip coordinates f32 (N, 4), depth scaled into [-0.9, 0.9].

    nvdiffrast's first row is the lowest y, so that our y down needs no flip.
    """
    depth = points[:, 2] - points[:, 2].mean()
    depth = 0.9 * depth / max(float(np.abs(depth).max()), 1e-9)
    columns = [2 * points[:, 0] / width - 1, 2 * points[:, 1] / height - 1, depth, np.ones(len(points))]
    return np.stack(columns, axis=1).astype(np.float32)


def front_faces(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Indices of the triangles that face the viewer (nvdiffrast does not cull)."""
    a, b, c = (points[triangles[:, i], :2] for i in range(3))
    u, v = b - a, c - a
    return np.flatnonzero(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] < 0)


def _rasterise_cuda(dr, context, points: np.ndarray, triangles: np.ndarray, height: int, width: int) -> Raster:
    import torch

    facing = front_faces(points, triangles)
    clip = torch.from_numpy(to_clip_space(points, height, width)).cuda()[None]
    faces = torch.from_numpy(np.ascontiguousarray(triangles[facing], dtype=np.int32)).cuda()
    out = dr.rasterize(context, clip, faces, (height, width))[0][0].cpu().numpy()
    hit = out[..., 3] > 0
    triangle = np.full((height, width), -1, np.int32)
    triangle[hit] = facing[out[..., 3][hit].astype(np.int64) - 1]
    barycentric = np.zeros((height, width, 3))
    barycentric[hit] = np.stack([out[..., 0], out[..., 1], 1 - out[..., 0] - out[..., 1]], axis=-1)[hit]
    depth = np.full((height, width), np.inf)
    depth[hit] = (barycentric[hit] * points[triangles[triangle[hit]], 2]).sum(axis=-1)
    return Raster(triangle, barycentric, depth)
