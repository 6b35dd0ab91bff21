"""Plain NumPy triangle rasteriser: the definition that the fast one must match bit for bit.

Orthographic z-buffering as graphics cards do it (Pineda 1988, "A parallel algorithm for polygon rasterization"):
vertices are snapped to 1/256 pixel, coverage is decided with exact integer edge functions at pixel centres, and the
top-left rule gives a pixel centre that lies on a common edge to one triangle only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SUBPIXEL = 256  # steps in a pixel
LIMIT = 1 << 20  # px; vertices farther away are moved here, so that products of coordinates fit in 64 bits


@dataclass(frozen=True)
class Raster:
    """What is seen at every pixel centre.

    Attributes:
        triangle: i32 (H, W), index of the nearest front-facing triangle, -1 where there is none.
        barycentric: f64 (H, W, 3), weights of its corners, 0 where there is none.
        depth: f64 (H, W), interpolated z, +inf where there is none.
    """

    triangle: np.ndarray
    barycentric: np.ndarray
    depth: np.ndarray


def snap(points: np.ndarray) -> np.ndarray:
    """Pixel coordinates (N, 2) -> i64 sub-pixel steps (N, 2)."""
    return np.rint(np.clip(points, -LIMIT, LIMIT) * SUBPIXEL).astype(np.int64)


def rasterise_reference(points: np.ndarray, triangles: np.ndarray, height: int, width: int) -> Raster:
    """Rasterise the front faces of a mesh.

    Args:
        points: float (N, 3), x right and y down in pixels (the first pixel's centre is at 0.5), z away from the
            viewer.
        triangles: int (M, 3); counter-clockwise as the viewer sees them means facing the viewer, others are culled.
        height: rows.
        width: columns.

    Returns:
        The visible triangles; of two at the same depth the one with the lower index.
    """
    xy = snap(points[:, :2])
    z = points[:, 2].astype(np.float64)
    raster = Raster(
        np.full((height, width), -1, np.int32), np.zeros((height, width, 3)), np.full((height, width), np.inf)
    )
    centres_x = (np.arange(width, dtype=np.int64) * SUBPIXEL + SUBPIXEL // 2)[None, :]
    centres_y = (np.arange(height, dtype=np.int64) * SUBPIXEL + SUBPIXEL // 2)[:, None]
    for index, corners in enumerate(triangles):
        a, b, c = (xy[corner] for corner in corners)
        # y points down, so counter-clockwise to the eye is a negative area by the usual formula
        area = -((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
        if area <= 0:
            continue
        edges, inside = [], np.ones((height, width), bool)
        for p, q in ((b, c), (c, a), (a, b)):
            dx, dy = q[0] - p[0], q[1] - p[1]
            edge = dy * (centres_x - p[0]) - dx * (centres_y - p[1])
            # a top edge runs to the left and a left edge downwards when the inside is on the edge's left
            owns = dy > 0 or (dy == 0 and dx < 0)
            inside &= (edge > 0) | ((edge == 0) & owns)
            edges.append(edge)
        if not inside.any():
            continue
        weights = np.stack(edges, axis=-1) / np.float64(area)
        depth = weights[..., 0] * z[corners[0]] + weights[..., 1] * z[corners[1]] + weights[..., 2] * z[corners[2]]
        nearer = inside & (depth < raster.depth)
        raster.triangle[nearer] = index
        raster.barycentric[nearer] = weights[nearer]
        raster.depth[nearer] = depth[nearer]
    return raster
