"""A textured mesh as a camera sees it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from h2h.render.rasteriser_reference import Raster

ROUNDING = 1e-3  # a coordinate may be so far beyond the border and still mean the border, not the opposite one


def textured_picture(raster: Raster, coordinates: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Lay a texture over what is seen.

    Args:
        raster: of the mesh (H, W).
        coordinates: (M, 3, 2), of each triangle's corners, u right and v up, in [0, 1] from the texture's lower left
            corner; outside of it the texture is repeated.
        texture: u8 (h, w, 3), read bilinearly.

    Returns:
        u8 (H, W, 3), black where nothing is seen.
    """
    hit = raster.triangle >= 0
    u, v = np.einsum("pk,pkc->cp", raster.barycentric[hit], coordinates[raster.triangle[hit]])
    u, v = _repeated(u), _repeated(v)
    height, width = texture.shape[:2]
    places = np.stack([(1 - v) * height - 0.5, u * width - 0.5])
    picture = np.zeros((*hit.shape, 3), np.uint8)
    for channel in range(3):
        picture[hit, channel] = np.rint(
            map_coordinates(texture[..., channel].astype(np.float32), places, order=1, mode="nearest")
        )
    return picture


def _repeated(coordinate: np.ndarray) -> np.ndarray:
    outside = np.abs(coordinate - 0.5) > 0.5 + ROUNDING
    return np.where(outside, coordinate % 1, coordinate)
