import numpy as np
import pytest

from h2h.landmarks.smoothing import nearest_good, smooth_points


def test_missing_frames_take_the_nearest_good_one():
    assert nearest_good(np.array([0, 1, 0, 0, 1.0]), 0.5).tolist() == [1, 1, 1, 4, 4]


def test_smoothing_keeps_parabolas_and_does_not_cross_segments():
    t = np.arange(20.0)
    points = np.stack([t**2, -t], axis=1)[:, None]
    segment = np.repeat([0, 1], 10)
    points[10:] += 1000
    assert smooth_points(points, segment, 5) == pytest.approx(points)
    noisy = points + np.random.default_rng(0).normal(size=points.shape)
    assert np.std(smooth_points(noisy, segment, 7) - points) < 0.8 * np.std(noisy - points)
