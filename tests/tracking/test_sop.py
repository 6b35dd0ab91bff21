import numpy as np

from h2h.tracking.camera import project
from h2h.tracking.rotation import quaternion_to_matrix
from h2h.tracking.sop import fit_cameras


def cameras(count, seed=0):
    rng = np.random.default_rng(seed)
    turn = np.concatenate([np.ones((count, 1)), rng.normal(0, 0.25, (count, 3))], axis=1)
    turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    return rng.uniform(0.003, 0.006, count), turn, rng.uniform(0.4, 0.6, (count, 2))


def test_project_of_a_frontal_head():
    out = project(np.array([[10.0, -20.0, 5.0]]), 0.01, np.array([1.0, 0, 0, 0]), np.array([0.5, 0.4]))
    np.testing.assert_allclose(out, [[0.6, 0.2, 0.05]])


def test_recovers_known_cameras_exactly(small_head):
    points = small_head.landmarks(small_head.mean).astype(np.float64)
    scale, turn, shift = cameras(12)
    image = project(np.broadcast_to(points, (12, 68, 3)), scale, turn, shift)[..., :2]
    found = fit_cameras(np.broadcast_to(points, (12, 68, 3)), image, np.ones(68))
    np.testing.assert_allclose(found.scale, scale, rtol=1e-6)
    np.testing.assert_allclose(found.matrix, quaternion_to_matrix(turn), atol=1e-6)
    np.testing.assert_allclose(found.translation, shift, atol=1e-6)


def test_gross_errors_of_some_points_hardly_matter(small_head):
    points = np.broadcast_to(small_head.landmarks(small_head.mean).astype(np.float64), (12, 68, 3))
    scale, turn, shift = cameras(12, 1)
    rng = np.random.default_rng(2)
    image = project(points, scale, turn, shift)[..., :2] + rng.normal(0, 0.001, (12, 68, 2))
    image[:, 48:56] += 0.1  # a hand before the mouth
    found = fit_cameras(points, image, np.ones(68))
    plain = np.abs(fit_cameras(points[:, :48], image[:, :48], np.ones(48)).matrix - quaternion_to_matrix(turn)).max()
    assert np.abs(found.matrix - quaternion_to_matrix(turn)).max() < 0.12
    assert plain < 0.05


def test_weight_zero_leaves_points_out(small_head):
    points = np.broadcast_to(small_head.landmarks(small_head.mean).astype(np.float64), (3, 68, 3))
    scale, turn, shift = cameras(3, 5)
    image = project(points, scale, turn, shift)[..., :2]
    image[:, :17] = 0.9
    weights = np.ones(68)
    weights[:17] = 0
    np.testing.assert_allclose(fit_cameras(points, image, weights).scale, scale, rtol=1e-6)
