import numpy as np
import pytest

from h2h.tracking.camera import project
from h2h.tracking.gaze import LIMIT, fit_gaze, gaze_angles, gaze_direction, opening


def test_angles_round_trip():
    gaze = np.random.default_rng(0).uniform(-0.8, 0.8, (50, 2, 2))
    np.testing.assert_allclose(gaze_angles(gaze_direction(gaze)), gaze, atol=1e-12)
    np.testing.assert_allclose(gaze_direction(np.zeros(2)), [0, 0, -1], atol=1e-12)
    assert gaze_direction(np.array([0.0, 0.2]))[1] > 0  # positive pitch looks down


def test_reprojected_irises_are_where_they_were_detected():
    rng = np.random.default_rng(1)
    gaze = rng.uniform(-0.5, 0.5, (20, 2, 2))
    centre = np.broadcast_to([[-30.0, -25, -18], [30.0, -25, -18]], (20, 2, 3))
    distance = np.full((20, 2), 12.0)
    turn = np.concatenate([np.ones((20, 1)), rng.normal(0, 0.1, (20, 3))], axis=1)
    camera = np.full(20, 0.005), turn, rng.uniform(0.4, 0.6, (20, 2))
    place = centre + distance[..., None] * gaze_direction(gaze)
    iris = project(place, *camera)[..., :2]
    found = fit_gaze(iris, centre, distance, *camera)
    np.testing.assert_allclose(found, gaze, atol=1e-6)
    again = project(centre + distance[..., None] * gaze_direction(found), *camera)[..., :2]
    np.testing.assert_allclose(again, iris, atol=1e-9)


def test_an_iris_outside_the_eyeball_gives_a_bounded_angle():
    found = fit_gaze(
        np.array([[[0.9, 0.5], [0.1, 0.5]]]), np.zeros((1, 2, 3)), np.full((1, 2), 12.0), np.array([0.005]),
        np.array([[1.0, 0, 0, 0]]), np.array([[0.5, 0.5]]),
    )  # fmt: skip
    assert np.isfinite(found).all() and np.abs(found).max() <= LIMIT
    assert found[0, 0, 0] < 0 < found[0, 1, 0]


def test_opening():
    eye = np.array([[0, 0], [1, -1], [2, -1], [3, 0], [2, 1], [1, 1]], float)
    assert opening(eye) == pytest.approx(2 / 3)
    assert opening(eye * [1, 0]) == pytest.approx(0)
