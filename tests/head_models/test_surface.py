import numpy as np
import pytest

from h2h.head_models.surface import LATTICE, Surface, nearest_on_triangles


def test_nearest_points_of_a_surface():
    square = np.array([[0, 0, 0], [4, 0, 0], [0, 4, 0], [4, 4, 0]], float)
    surface = Surface(square, np.array([[0, 1, 2], [3, 2, 1]]))
    distance, triangle, weights = surface.nearest(np.array([[1, 1, 3], [4, 4, 0]], float))
    np.testing.assert_allclose(distance, [3, 0])
    corners = square[np.array([[0, 1, 2], [3, 2, 1]])[triangle]]
    np.testing.assert_allclose((corners * weights[..., None]).sum(axis=1), [[1, 1, 0], [4, 4, 0]])


def test_the_weights_are_those_of_the_nearest_place():
    rng = np.random.default_rng(0)
    corners, points = rng.normal(size=(200, 3, 3)), rng.normal(size=(200, 3))
    weights = nearest_on_triangles(points, corners)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    found = np.linalg.norm((weights[..., None] * corners).sum(axis=1) - points, axis=1)
    some = rng.dirichlet([1, 1, 1], 2000)
    sampled = np.linalg.norm(some @ corners - points[:, None], axis=-1).min(axis=1)
    assert (found <= sampled + 1e-12).all() and (sampled - found).max() < 0.1


def test_a_triangle_without_area_counts_as_its_edges():
    line = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]], float)
    point = np.zeros((3, 3))
    weights = nearest_on_triangles(np.array([1.5, 2, 0]), line)
    np.testing.assert_allclose(weights @ line, [1.5, 0, 0], atol=1e-12)
    assert nearest_on_triangles(np.ones(3), point).sum() == pytest.approx(1)


def test_the_nearest_triangle_of_a_mesh_is_found():
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0), indexing="ij"), axis=-1).reshape(-1, 2)
    vertices = np.concatenate([grid, np.sin(grid.sum(axis=1, keepdims=True))], axis=1)
    first = np.array([9 * i + j for i in range(8) for j in range(8)])
    halves = (first, first + 1, first + 9), (first + 1, first + 10, first + 9)
    triangles = np.concatenate([np.stack(half, axis=1) for half in halves])
    points = rng.uniform(0, 8, (300, 3)) * [1, 1, 0.2]
    distance, triangle, weights = Surface(vertices, triangles).nearest(points)
    places = (vertices[triangles[triangle]] * weights[..., None]).sum(axis=1)
    np.testing.assert_allclose(np.linalg.norm(places - points, axis=1), distance)
    every = nearest_on_triangles(points[:, None], vertices[triangles])
    least = np.linalg.norm((every[..., None] * vertices[triangles]).sum(axis=2) - points[:, None], axis=-1).min(axis=1)
    assert (distance < least + 0.02).all()
    coarse = np.linalg.norm((LATTICE @ vertices[triangles]).reshape(-1, 3) - points[:, None], axis=-1).min(axis=1)
    assert (distance <= coarse + 1e-12).all()
