import numpy as np
import pytest

from h2h.evaluation import frechet, pixel_distance


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


def test_frechet_closed_form_of_diagonal_gaussians():
    mean, va, vb = np.array([1.0, -2.0, 0.5]), np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.25])
    expected = (mean**2).sum() + ((np.sqrt(va) - np.sqrt(vb)) ** 2).sum()
    found = frechet.gaussian_distance(mean, np.diag(va), np.zeros(3), np.diag(vb))
    assert found == pytest.approx(expected)


def test_frechet_closed_form_of_commuting_gaussians():
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))
    va, vb = np.arange(1.0, 6), np.arange(5.0, 0, -1)
    found = frechet.gaussian_distance(np.zeros(5), rotation * va @ rotation.T, np.zeros(5), rotation * vb @ rotation.T)
    assert found == pytest.approx(((np.sqrt(va) - np.sqrt(vb)) ** 2).sum())


def test_fewer_samples_than_dimensions():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(20, 64)), rng.normal(size=(20, 64))
    assert frechet.frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    shifted = frechet.frechet_distance(a, a + 2.0)
    assert shifted == pytest.approx(64 * 4, rel=1e-6)  # same covariance: only the means differ
    assert np.isfinite(frechet.frechet_distance(a, b)) and frechet.frechet_distance(a, b) > 0


def test_bootstrap_is_repeatable():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(30, 4)), rng.normal(size=(30, 4))
    first = frechet.bootstrap_deviation(a, b, 20, seed=3)
    assert first == frechet.bootstrap_deviation(a, b, 20, seed=3) > 0
