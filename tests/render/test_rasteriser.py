import numpy as np
import pytest

from h2h.render.rasteriser import rasterise
from h2h.render.rasteriser_reference import rasterise_reference


def assert_same(points, triangles, height, width):
    fast, plain = rasterise(points, triangles, height, width), rasterise_reference(points, triangles, height, width)
    np.testing.assert_array_equal(fast.triangle, plain.triangle)
    assert fast.barycentric.tobytes() == plain.barycentric.tobytes()
    assert fast.depth.tobytes() == plain.depth.tobytes()
    return fast


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("grid", [0, 2])
def test_fast_equals_reference_on_random_meshes(seed, grid):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-8, 40, (60, 3))
    if grid:  # vertices exactly on pixel centres and corners, where the fill rule decides
        points = np.round(points * grid) / grid
    triangles = rng.integers(0, 60, (120, 3))
    raster = assert_same(points, triangles, 31, 33)
    assert (raster.triangle >= 0).any()


def test_a_square_of_two_triangles_is_covered_exactly_once():
    points = np.array([[0.5, 0.5, 1], [0.5, 8.5, 1], [8.5, 8.5, 1], [8.5, 0.5, 1]], float)
    first, second = np.array([[0, 1, 2]]), np.array([[0, 2, 3]])
    one = rasterise(points, first, 12, 12).triangle >= 0
    two = rasterise(points, second, 12, 12).triangle >= 0
    assert not (one & two).any()
    expected = np.zeros((12, 12), bool)
    expected[0:8, 0:8] = True  # top and left edges belong to the square, bottom and right ones do not
    np.testing.assert_array_equal(one | two, expected)


def test_back_faces_are_culled_and_the_nearer_triangle_wins():
    points = np.array([[1, 1, 5], [1, 9, 5], [9, 1, 5], [1, 1, 2], [1, 9, 2], [9, 1, 2]], float)
    assert (rasterise(points, np.array([[0, 2, 1]]), 10, 10).triangle == -1).all()
    raster = rasterise(points, np.array([[0, 1, 2], [3, 4, 5]]), 10, 10)
    assert set(np.unique(raster.triangle)) == {-1, 1}
    assert raster.depth[raster.triangle == 1] == pytest.approx(2)


def test_barycentrics_reproduce_the_pixel_centre():
    points = np.array([[2.25, 3.5, 1], [4, 28, 2], [30, 9.75, 7]], float)
    triangles = np.array([[0, 1, 2]])
    raster = rasterise(points, triangles, 32, 32)
    ys, xs = np.nonzero(raster.triangle >= 0)
    where = np.einsum("nk,kd->nd", raster.barycentric[ys, xs], points[triangles[0]])
    np.testing.assert_allclose(where[:, 0], xs + 0.5, atol=1e-9)
    np.testing.assert_allclose(where[:, 1], ys + 0.5, atol=1e-9)
    np.testing.assert_allclose(where[:, 2], raster.depth[ys, xs], atol=1e-9)


def test_far_away_vertices_do_no_harm():
    points = np.array([[-1e30, 0, 1], [16, 1e30, 1], [1e30, 0, 1]], float)
    assert_same(points, np.array([[0, 1, 2]]), 16, 16)
