"""A pinhole camera, and a mesh as it sees it: the orthographic rasteriser with perspective put right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from h2h.render.rasteriser import rasterise
from h2h.render.rasteriser_reference import Raster


@dataclass(frozen=True)
class Pinhole:
    """A camera x = K [R | t] X.

    Attributes:
        matrix: (3, 3), K in pixels; the centre of the upper left pixel is at (0.5, 0.5), as for the rasteriser.
        rotation: (3, 3), world to camera: x right, y down, z forwards.
        translation: (3,), in the world's unit.
    """

    matrix: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray

    @property
    def focal(self) -> float:
        """Geometric mean of the two focal lengths, px."""
        return float(np.sqrt(self.matrix[0, 0] * self.matrix[1, 1]))

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points (..., 3) -> (..., 3): x and y in pixels and depth; NaN where the depth is not positive."""
        seen = points @ self.rotation.T + self.translation
        depth = seen[..., 2:]
        plane = (seen / np.where(depth > 0, depth, np.nan)) @ self.matrix.T
        return np.concatenate([plane[..., :2], depth], axis=-1)

    def cropped(self, left: float, top: float, factor: float) -> Pinhole:
        """The camera of a part of the picture from (left, top) on, px, resized by a factor."""
        change = np.array([[factor, 0, -left * factor], [0, factor, -top * factor], [0, 0, 1]])
        return replace(self, matrix=change @ self.matrix)


def rasterise_pinhole(points: np.ndarray, triangles: np.ndarray, camera: Pinhole, height: int, width: int) -> Raster:
    """What a pinhole camera sees of a mesh's front faces.

    Over a projected triangle 1/z is linear, not z, so -1/z is what the z-buffer compares; the barycentric weights on
    the triangle in space are those in the picture, each times its corner's 1/z, brought back to the sum 1.

    Args:
        points: (N, 3), world.
        triangles: int (M, 3), counter-clockwise as seen from outside; those that reach behind the camera are left out.
        camera: the camera.
        height, width: of the picture, px.

    Returns:
        As `rasterise`, with weights in space and depth along the camera's axis in the world's unit.
    """
    seen = camera.project(points)
    before = np.isfinite(seen).all(axis=1)
    kept = np.flatnonzero(before[triangles].all(axis=1))
    inverse = np.where(before, 1 / np.where(before, seen[:, 2], 1), 0)
    flat = np.where(before[:, None], np.stack([seen[:, 0], seen[:, 1], -inverse], axis=1), 0)
    raster = rasterise(flat, triangles[kept], height, width)
    hit = raster.triangle >= 0
    raster.triangle[hit] = kept[raster.triangle[hit]]
    weights = raster.barycentric[hit] * inverse[triangles[raster.triangle[hit]]]
    raster.barycentric[hit] = weights / weights.sum(axis=1, keepdims=True)
    raster.depth[hit] = -1 / raster.depth[hit]
    return raster


def at_pixels(values: np.ndarray, triangles: np.ndarray, raster: Raster) -> np.ndarray:
    """Interpolate values at the vertices (N, ...) where something is seen: (P, ...), pixels in row order."""
    hit = raster.triangle >= 0
    return np.einsum("pk,pk...->p...", raster.barycentric[hit], values[triangles[raster.triangle[hit]]])
