"""The rasteriser in use: the same arithmetic as `rasteriser_reference`, compiled, one triangle's box at a time."""

from __future__ import annotations

import numpy as np
from numba import njit

from h2h.render.rasteriser_reference import SUBPIXEL, Raster, snap


def rasterise(points: np.ndarray, triangles: np.ndarray, height: int, width: int) -> Raster:
    """Rasterise the front faces of a mesh; see `rasteriser_reference.rasterise_reference`, bit for bit the same."""
    triangle = np.full((height, width), -1, np.int32)
    barycentric = np.zeros((height, width, 3))
    depth = np.full((height, width), np.inf)
    xy = snap(points[:, :2])
    z = np.ascontiguousarray(points[:, 2], dtype=np.float64)
    _fill(xy, z, np.ascontiguousarray(triangles, dtype=np.int64), triangle, barycentric, depth)
    return Raster(triangle, barycentric, depth)


# no fastmath: contracted or reordered products would differ from NumPy's in the last bit
@njit(cache=True)
def _fill(xy, z, triangles, out_triangle, out_barycentric, out_depth):
    height, width = out_triangle.shape
    half = SUBPIXEL // 2
    for index in range(triangles.shape[0]):
        i, j, k = triangles[index, 0], triangles[index, 1], triangles[index, 2]
        ax, ay, bx, by, cx, cy = xy[i, 0], xy[i, 1], xy[j, 0], xy[j, 1], xy[k, 0], xy[k, 1]
        area = -((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
        if area <= 0:
            continue
        # pixel x is a candidate if its centre x * SUBPIXEL + half lies in the triangle's box
        first_x = max((min(ax, bx, cx) - half + SUBPIXEL - 1) // SUBPIXEL, 0)
        last_x = min((max(ax, bx, cx) - half) // SUBPIXEL, width - 1)
        first_y = max((min(ay, by, cy) - half + SUBPIXEL - 1) // SUBPIXEL, 0)
        last_y = min((max(ay, by, cy) - half) // SUBPIXEL, height - 1)
        dxa, dya, dxb, dyb, dxc, dyc = cx - bx, cy - by, ax - cx, ay - cy, bx - ax, by - ay
        owns_a = dya > 0 or (dya == 0 and dxa < 0)
        owns_b = dyb > 0 or (dyb == 0 and dxb < 0)
        owns_c = dyc > 0 or (dyc == 0 and dxc < 0)
        for y in range(first_y, last_y + 1):
            py = y * SUBPIXEL + half
            for x in range(first_x, last_x + 1):
                px = x * SUBPIXEL + half
                ea = dya * (px - bx) - dxa * (py - by)
                eb = dyb * (px - cx) - dxb * (py - cy)
                ec = dyc * (px - ax) - dxc * (py - ay)
                if ea < 0 or eb < 0 or ec < 0:
                    continue
                if (ea == 0 and not owns_a) or (eb == 0 and not owns_b) or (ec == 0 and not owns_c):
                    continue
                wa, wb, wc = ea / area, eb / area, ec / area
                d = wa * z[i] + wb * z[j] + wc * z[k]
                if d < out_depth[y, x]:
                    out_depth[y, x] = d
                    out_triangle[y, x] = index
                    out_barycentric[y, x, 0] = wa
                    out_barycentric[y, x, 1] = wb
                    out_barycentric[y, x, 2] = wc
