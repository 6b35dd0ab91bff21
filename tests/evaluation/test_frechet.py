import numpy as np
import pytest

from h2h.evaluation import frechet


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


def test_closed_form_of_degenerate_gaussians():
    """Covariances u u^T and v v^T of rank one: the root's trace is |u v|; of disjoint supports it is 0."""
    zero = np.zeros(3)
    assert frechet.gaussian_distance(zero, np.diag([4.0, 0, 0]), zero, np.diag([0.0, 9, 0])) == pytest.approx(13)
    u, v = np.array([1.0, 2, 2]), np.array([3.0, 0, 4])
    found = frechet.gaussian_distance(zero, np.outer(u, u), zero, np.outer(v, v))
    assert found == pytest.approx(9 + 25 - 2 * 11)


def test_closed_form_of_two_samples_in_many_dimensions():
    """Of +-u the covariance is 2 u u^T: rank one in 200 dimensions."""
    rng = np.random.default_rng(4)
    u, v, mean = rng.normal(size=(3, 200))
    found = frechet.frechet_distance(np.stack([u, -u]), np.stack([mean + v, mean - v]))
    assert found == pytest.approx(mean @ mean + 2 * u @ u + 2 * v @ v - 4 * abs(u @ v))


@pytest.mark.parametrize(("n", "m"), [(20, 20), (20, 33), (64, 7), (1, 12), (90, 15), (5, 200)])
def test_samples_agree_with_their_gaussians(n, m):
    """Few or many samples: the distance is that of means and covariances, singular or not."""
    rng = np.random.default_rng(n + m)
    a, b = rng.normal(size=(n, 64)), rng.normal(1, 2, size=(m, 64))
    cov = [np.cov(x, rowvar=False) if len(x) > 1 else np.zeros((64, 64)) for x in (a, b)]
    expected = frechet.gaussian_distance(a.mean(0), cov[0], b.mean(0), cov[1])
    assert frechet.frechet_distance(a, b) == pytest.approx(expected, rel=1e-5)
    assert frechet.frechet_distance(a, b) == pytest.approx(frechet.frechet_distance(b, a))


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


def test_interval_lies_round_the_distance():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(60, 20))
    low, high = frechet.frechet_interval(a, a + 1.0, 50, seed=1)
    assert low <= 20 <= high and (low, high) == frechet.frechet_interval(a, a + 1.0, 50, seed=1)
    low, high = frechet.frechet_interval(a, rng.normal(size=(60, 20)), 50, seed=1)
    assert 0 <= low < high
