import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from h2h.flow.dis import DisFlow


@pytest.mark.parametrize("shift", [(3, 0), (0, -2), (2, 2)])
def test_direction_and_unit(shift):
    """A textured picture moved by whole pixels: u is to the right, v down, in pixels from the first to the second."""
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(96, 96, 3)), (2, 2, 0))
    noise = ((noise - noise.min()) / np.ptp(noise) * 255).astype(np.uint8)
    moved = np.roll(noise, (shift[1], shift[0]), axis=(0, 1))
    flow = DisFlow("medium")(noise, moved)
    assert np.median(flow[16:-16, 16:-16].reshape(-1, 2), axis=0) == pytest.approx(shift, abs=0.2)


@pytest.mark.parametrize("size", [32, 40, 44, 56])
def test_a_pair_does_not_depend_on_the_pairs_before(size):
    """OpenCV alone starts from the flow before at 40 to 45 px: off by up to 20 px."""
    noise = gaussian_filter(np.random.default_rng(1).normal(size=(4, size, size, 3)), (0, 2, 2, 0))
    pictures = ((noise - noise.min()) / np.ptp(noise) * 255).astype(np.uint8)
    estimate = DisFlow("medium")
    for first in pictures:
        for second in (*pictures, np.roll(first, 1, axis=1)):
            flow = estimate(first, second)
            assert flow.shape == (size, size, 2) and flow.dtype == np.float32
            np.testing.assert_array_equal(flow, DisFlow("medium")(first, second))
        assert np.median(flow[8:-8, 8:-8].reshape(-1, 2), axis=0) == pytest.approx((1, 0), abs=0.3)
