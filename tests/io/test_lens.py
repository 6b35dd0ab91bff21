import numpy as np
import pytest

from h2h.io.lens import kept_share

MATRIX = np.array([[80.0, 0, 31.5], [0, 80, 31.5], [0, 0, 1]])


@pytest.mark.parametrize(
    "distortion, low, high",
    [
        ([0, 0, 0, 0, 0], 1, 1),
        ([-0.3, 0.1, 0.001, -0.001, 0], 1, 1),  # a barrel's picture reaches over all of the straightened one
        ([0.3, 0, 0, 0, 0], 0.8, 0.99),  # a cushion's lacks its corners
        ([1e9, 0, 0, 0, 0], 0, 0.01),
        ([-1e9, 0, 0, 0, 0], 0, 0.01),
        ([0, 0, 1e9, 0, 0], 0, 0.05),
        ([1e308, 1e308, 0, 0, 1e308], 0, 0.01),
        ([-12.0, 0, 0, 0, 0], 0.05, 0.25),  # inside of the picture, but turned over beyond a sixth of its width
    ],
)
def test_how_much_of_a_picture_a_lens_keeps(distortion, low, high):
    assert low <= kept_share(64, 64, MATRIX, np.array(distortion, float)) <= high
