"""Landmarks of a mesh without any: the face detector looks at a rendering of it."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from h2h.errors import UserError
from h2h.landmarks.mediapipe_mesh import MeshDetector, ibug68
from h2h.render.rasteriser import Raster, rasterise
from h2h.tracking.landmark_basis import vertex_normals

SIZE = 640  # px
HEIGHT = 0.8  # of the mesh in the picture
SKIN, BEHIND = np.array([205.0, 165.0, 145.0]), 60
LIGHT = np.array([-0.3, -0.5, -0.8]) / np.linalg.norm([-0.3, -0.5, -0.8])
AMBIENT = 0.35


def shaded(
    vertices: np.ndarray,
    triangles: np.ndarray,
    size: int = SIZE,
    filling: np.ndarray | None = None,
    colours: np.ndarray | None = None,
) -> tuple[np.ndarray, Raster]:
    """A matte rendering of a mesh that faces the viewer.

    Args:
        vertices: (N, 3), x right, y down, z away, any unit.
        triangles: (M, 3), counter-clockwise as seen from outside.
        size: px.
        filling: (K, 3), points that fill the picture; the vertices unless it is given.
        colours: (N, 3), 0 to 255; skin unless it is given.

    Returns:
        u8 (size, size, 3), and what is seen at each pixel.
    """
    raster = rasterise(to_pixels(vertices if filling is None else filling, vertices, size), triangles, size, size)
    seen = raster.triangle >= 0
    normals = vertex_normals(vertices, triangles)[triangles[raster.triangle[seen]]]
    normal = (normals * raster.barycentric[seen][..., None]).sum(axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    light = AMBIENT + (1 - AMBIENT) * np.clip(normal @ LIGHT, 0, 1)
    image = np.full((size, size, 3), BEHIND, np.uint8)
    colour = SKIN
    if colours is not None:
        colour = (colours[triangles[raster.triangle[seen]]] * raster.barycentric[seen][..., None]).sum(axis=1)
    image[seen] = np.clip(colour * light[:, None], 0, 255)
    return image, raster


def to_pixels(filling: np.ndarray, points: np.ndarray, size: int) -> np.ndarray:
    """Points (K, 3) -> (K, 3) in pixels, for a picture that the points `filling` fill."""
    low, high = filling.min(axis=0), filling.max(axis=0)
    placed = (points - (low + high) / 2) * (HEIGHT * size / (high - low)[:2].max())
    return placed + np.array([size / 2, size / 2, 0])


def detect_landmarks(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """The 68 iBUG points on the surface of a face, (68, 3).

    A bare mesh has no brows and no lips' colour, so the points of a model's own list are better where it has one.

    Raises:
        UserError: no face is found in the rendering.
    """
    image, raster = shaded(vertices, triangles)
    with MeshDetector() as detector:
        found = detector(image)
    if found is None or found.dense is None:
        raise UserError(
            "no face is found in a rendering of the model's mean",
            "check that the file holds a face that looks along +z with y up, as the published models do",
        )
    rows, columns = np.nonzero(raster.triangle >= 0)
    nearest = cKDTree(np.stack([columns, rows], axis=1) + 0.5).query(found.dense[:, :2] * SIZE)[1]
    at = rows[nearest], columns[nearest]
    corners = vertices[triangles[raster.triangle[at]]]
    surface = (corners * raster.barycentric[at][..., None]).sum(axis=1)
    return ibug68(surface)
