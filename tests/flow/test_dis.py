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
