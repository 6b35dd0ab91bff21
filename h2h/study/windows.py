"""Which stretches of a film are shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def windows(segment: np.ndarray, length: int, count: int) -> list[int]:
    """First frames of stretches without a cut that do not overlap, spread over the film.

    Args:
        segment: (T,) int, one number for each stretch without a cut; negative: not to be shown.
        length: frames of a stretch.
        count: how many at most.

    Returns:
        At most `count` first frames, ascending; empty if no stretch is long enough.
    """
    cuts = np.flatnonzero(np.diff(segment)) + 1
    bounds = [0, *cuts.tolist(), len(segment)]
    starts = [
        start
        for first, end in pairwise(bounds)
        if end > first and segment[first] >= 0
        for start in range(first, end - length + 1, length)
    ]
    chosen = np.unique(np.linspace(0, len(starts) - 1, min(count, len(starts))).round().astype(int))
    return [starts[i] for i in chosen] if starts else []
