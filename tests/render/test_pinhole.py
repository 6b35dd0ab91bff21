import cv2
import numpy as np
import pytest

from h2h.render.pinhole import Pinhole, at_pixels, rasterise_pinhole
from h2h.tracking.rotation import rotation_vector_to_matrix

MATRIX = np.array([[50.0, 0, 17], [0, 55, 14], [0, 0, 1]])
CAMERA = Pinhole(MATRIX, rotation_vector_to_matrix(np.array([0.2, -0.3, 0.1])), np.array([0.5, -1, 12]))


def test_projection_is_opencvs_but_for_the_first_pixels_centre():
    points = np.random.default_rng(0).normal(size=(20, 3))
    wanted = cv2.projectPoints(points, cv2.Rodrigues(CAMERA.rotation)[0], CAMERA.translation, MATRIX, None)[0][:, 0]
    seen = CAMERA.project(points)
    np.testing.assert_allclose(seen[:, :2], wanted, rtol=1e-9)
    np.testing.assert_allclose(seen[:, 2], (points @ CAMERA.rotation.T + CAMERA.translation)[:, 2])
    assert np.isnan(CAMERA.project(np.array([[0, 0, -100.0]]))[:, :2]).all()


def test_a_part_of_the_picture_resized():
    points = np.random.default_rng(0).normal(size=(20, 3))
    part = CAMERA.cropped(3, 5, 2.5).project(points)[:, :2]
    np.testing.assert_allclose(part, (CAMERA.project(points)[:, :2] - (3, 5)) * 2.5)


def test_weights_and_depth_are_those_of_the_ray_through_the_pixel():
    """A slanted triangle: linear interpolation in the picture would be off by much more than the tolerance."""
    points = np.array([[-2.0, -1.5, -6], [-1, 2.5, 4], [2.5, 0, 5]])
    triangles = np.array([[0, 1, 2]])
    raster = rasterise_pinhole(points, triangles, CAMERA, 28, 34)
    if not (raster.triangle >= 0).any():  # the other way round
        triangles = triangles[:, [0, 2, 1]]
        raster = rasterise_pinhole(points, triangles, CAMERA, 28, 34)
    ys, xs = np.nonzero(raster.triangle >= 0)
    assert len(xs) > 30
    centre = -CAMERA.rotation.T @ CAMERA.translation
    a, b, c = points[triangles[0]]
    normal = np.cross(b - a, c - a)
    rays = np.stack([xs + 0.5, ys + 0.5, np.ones(len(xs))], axis=1) @ np.linalg.inv(MATRIX).T @ CAMERA.rotation
    depth = ((a - centre) @ normal) / (rays @ normal)  # the rays have depth 1
    snap = 0.01  # vertices are snapped to 1/256 px
    np.testing.assert_allclose(raster.depth[ys, xs], depth, rtol=snap)
    np.testing.assert_allclose(raster.barycentric[ys, xs].sum(axis=1), 1)
    hit = at_pixels(points, triangles, raster)
    np.testing.assert_allclose(hit, centre + depth[:, None] * rays, atol=0.05)
    np.testing.assert_allclose(CAMERA.project(hit)[:, :2], np.stack([xs, ys], axis=1) + 0.5, atol=1 / 128)


def test_the_nearer_surface_is_seen_and_what_reaches_behind_the_camera_is_left_out():
    eye = Pinhole(MATRIX, np.eye(3), np.zeros(3))
    square = np.array([[-9.0, -9, 0], [-9, 9, 0], [9, 9, 0], [9, -9, 0]])
    points = np.concatenate(
        [square + np.array([0, 0, 20]), square + np.array([0, 0, 10]), square * 0.1 + np.array([0, 0, -1])]
    )
    points[11, 2] = 3
    triangles = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7], [8, 9, 10], [8, 10, 11]])
    raster = rasterise_pinhole(points, triangles, eye, 28, 34)
    assert set(np.unique(raster.triangle)) == {2, 3}
    np.testing.assert_allclose(raster.depth, 10)
    assert raster.triangle[0, 33] == 3
    assert np.isinf(rasterise_pinhole(points, triangles[4:], eye, 28, 34).depth).all()


@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_the_worlds_unit_does_not_matter(unit):
    points = np.random.default_rng(1).normal(size=(30, 3))
    triangles = np.random.default_rng(2).integers(0, 30, (40, 3))
    camera = Pinhole(MATRIX, CAMERA.rotation, CAMERA.translation * unit)
    raster = rasterise_pinhole(points * unit, triangles, camera, 28, 34)
    np.testing.assert_array_equal(raster.triangle, rasterise_pinhole(points, triangles, CAMERA, 28, 34).triangle)
