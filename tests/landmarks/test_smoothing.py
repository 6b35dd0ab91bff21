import numpy as np
import pytest

from h2h.landmarks.smoothing import nearest_good, smooth_points


def test_missing_frames_take_the_nearest_good_one():
    good = np.array([False, True, False, False, True])
    assert nearest_good(good, np.zeros(5, int)).tolist() == [1, 1, 1, 4, 4]
    assert nearest_good(good, np.array([0, 0, 1, 1, 1])).tolist() == [1, 1, 4, 4, 4]  # of its own segment
    assert nearest_good(good, np.array([0, 0, 1, 1, 2])).tolist() == [1, 1, 1, 4, 4]  # one without any: of others


def test_smoothing_keeps_parabolas_and_does_not_cross_segments():
    t = np.arange(20.0)
    points = np.stack([t**2, -t], axis=1)[:, None]
    segment = np.repeat([0, 1], 10)
    points[10:] += 1000
    assert smooth_points(points, segment, 5) == pytest.approx(points)
    noisy = points + np.random.default_rng(0).normal(size=points.shape)
    assert np.std(smooth_points(noisy, segment, 7) - points) < 0.8 * np.std(noisy - points)
