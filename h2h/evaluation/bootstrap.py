"""Intervals of means over the frames of a video."""

from __future__ import annotations

import numpy as np

BLOCK = 10  # frames: neighbours are alike, so single frames would give intervals that are too narrow
LEAST_BLOCKS = 4  # of a short video
LEVEL = 0.95


def block_interval(values: np.ndarray, samples: int, seed: int, block: int = BLOCK) -> tuple[float, float]:
    """Interval of the mean of consecutive values by the circular block bootstrap (Politis and Romano 1992).

    Blocks that run over the end go on at the start: every value is drawn equally often.

    Args:
        values: (T,) float, NaN where there is none.
        samples: bootstrap samples.
        seed: of the draws.
        block: consecutive values that are drawn together.

    Returns:
        The bounds of the central 95%; NaN without a value.
    """
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).any():
        return float("nan"), float("nan")
    block = max(min(block, len(values) // LEAST_BLOCKS), 1)
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, len(values), (samples, -(-len(values) // block)))
    places = (starts[..., None] + np.arange(block)) % len(values)
    drawn = values[places.reshape(samples, -1)[:, : len(values)]]
    kept = np.isfinite(drawn)
    count = np.maximum(kept.sum(axis=1), 1)
    means = np.where(kept, drawn, 0.0).sum(axis=1) / count
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
