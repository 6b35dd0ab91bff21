import numpy as np
import pytest

from h2h.flow.consistency import consistent


def test_what_leaves_the_picture_is_not_valid():
    forward = np.zeros((6, 8, 2), np.float32)
    forward[..., 0] = 3
    valid = consistent(forward, -forward)
    assert valid.shape == (6, 8) and valid[:, :5].all() and not valid[:, 5:].any()
    down = np.zeros((6, 8, 2), np.float32)
    down[..., 1] = -2
    assert np.array_equal(consistent(down, -down), np.repeat([[False], [True]], [2, 4], 0).repeat(8, 1))


def test_what_a_moving_square_covers_is_not_valid():
    """A square of 6 pixels moves 4 to the right over a still background."""
    forward, backward = (np.zeros((20, 24, 2), np.float32) for _ in range(2))
    forward[6:12, 6:12, 0], backward[6:12, 10:16, 0] = 4, -4
    covered = np.zeros((20, 24), bool)
    covered[6:12, 12:16] = True
    assert np.array_equal(consistent(forward, backward), ~covered)


@pytest.mark.parametrize("length", [0.0, 10.0])
def test_the_threshold_grows_with_the_flow(length):
    """A miss m of a flow of length l is valid while m^2 < 0.01 (l^2 + (l - m)^2) + 0.5."""
    limit = (-0.02 * length + np.sqrt((0.02 * length) ** 2 + 3.96 * (0.02 * length**2 + 0.5))) / 1.98
    forward = np.full((1, 32, 2), (length, 0), np.float32)
    for miss, wanted in ((0.99 * limit, True), (1.01 * limit, False)):
        backward = np.full((1, 32, 2), (miss - length, 0), np.float32)
        assert consistent(forward, backward)[0, 5] == wanted


def test_batches_and_half_precision_are_taken():
    rng = np.random.default_rng(0)
    forward, backward = rng.normal(size=(2, 3, 8, 9, 2)).astype(np.float16)
    valid = consistent(forward, backward)
    assert valid.shape == (3, 8, 9) and 0 < valid.mean() < 1
    for i in range(3):
        assert np.array_equal(valid[i], consistent(forward[i].astype(np.float64), backward[i]))
