"""A picture of a head without its surroundings."""

from __future__ import annotations

import numpy as np

from h2h.flow_data.appearance import Appearance
from h2h.flow_data.lighting import Lights, out_of_shadow, shade
from h2h.render.pinhole import Pinhole, at_pixels, rasterise_pinhole
from h2h.tracking.head_model import HeadModel
from h2h.tracking.landmark_basis import vertex_normals


def head_picture(
    model: HeadModel,
    vertices: np.ndarray,
    appearance: Appearance,
    lights: Lights,
    camera: Pinhole,
    size: int,
) -> np.ndarray:
    """Render a head.

    Args:
        model: whose mean shape says where on the head a point is.
        vertices: (N, 3), world, mm.
        appearance, lights, camera: of the subject, the scene and the rig.
        size: S, px.

    Returns:
        f32 (S, S, 4), gamma-encoded RGB and coverage (0 or 1), 0 to 1; black where there is no head.
    """
    raster = rasterise_pinhole(vertices, model.triangles, camera, size, size)
    hit = raster.triangle >= 0
    own = vertices @ camera.rotation.T + camera.translation
    points = at_pixels(own, model.triangles, raster)
    normals = at_pixels(vertex_normals(own, model.triangles), model.triangles, raster)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    lit = out_of_shadow(points, own, model.triangles, lights)
    albedo = appearance.albedo(at_pixels(model.mean, model.triangles, raster), raster.triangle[hit])
    picture = np.zeros((size, size, 4), np.float32)
    picture[hit, :3] = shade(albedo, points, normals, lit, lights)
    picture[hit, 3] = 1
    return picture
