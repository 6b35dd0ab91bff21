"""Stretches without a cut."""

import numpy as np
import pytest

from h2h.study.windows import windows


@pytest.mark.parametrize(
    "segment, length, count, starts",
    [
        ([0] * 10, 5, 9, [0, 5]),
        ([0] * 10, 5, 1, [0]),
        ([0] * 4 + [1] * 6, 5, 9, [4]),
        ([0] * 5 + [-1] * 5 + [1] * 5, 5, 9, [0, 10]),
        ([0] * 12, 3, 2, [0, 9]),
        ([0] * 4, 5, 1, []),
        ([], 5, 1, []),
    ],
)
def test_windows(segment, length, count, starts):
    assert windows(np.array(segment, int), length, count) == starts
