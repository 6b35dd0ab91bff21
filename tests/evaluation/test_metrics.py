import numpy as np
import pytest

from h2h.evaluation import pixel_distance


def test_error_is_the_l2_norm_over_rgb():
    a = np.zeros((2, 2, 3), np.uint8)
    b = a.copy()
    b[0, 0] = (3, 4, 12)
    assert pixel_distance.error_map(a, b)[0, 0] == 13
    assert pixel_distance.error_map(a, np.full_like(a, 255)).mean() == pytest.approx(255 * 3**0.5)


def test_masked_counts_the_true_foreground_only():
    errors = np.array([[10.0, 0.0], [30.0, 0.0]])
    mask = np.array([[255, 0], [128, 127]], np.uint8)
    assert pixel_distance.masked_mean(errors, mask) == 20
    assert np.isnan(pixel_distance.masked_mean(errors, mask * 0))


def test_mouth_crop_stays_inside():
    errors = np.zeros((32, 32))
    errors[-8:, :8] = 5
    assert pixel_distance.mouth_mean(errors, np.array([0.0, 1.0]), 0.25) == 5
    assert pixel_distance.mouth_mean(errors, np.array([0.5, 0.5]), 0.25) == 0


def test_iou():
    a = np.zeros((4, 4), np.uint8)
    b = a.copy()
    a[:2] = 255
    b[1:3] = 255
    assert pixel_distance.mask_iou(a, b) == pytest.approx(1 / 3)
    assert pixel_distance.mask_iou(a * 0, b * 0) == 1
