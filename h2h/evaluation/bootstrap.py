"""Intervals over the frames of a video."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import stats

BLOCK = 10  # frames: neighbours are alike, so single frames would give intervals that are too narrow
LEAST_BLOCKS = 4  # of a short video
LEVEL = 0.95


def block_draws(count: int, samples: int, seed: int, block: int = BLOCK) -> np.ndarray:
    """Frames of the circular block bootstrap (Politis and Romano 1992): (samples, count) int64.

    Blocks that run over the end go on at the start: every frame is drawn equally often.
    """
    block = max(min(block, count // LEAST_BLOCKS), 1)
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, count, (samples, -(-count // block)))
    places = (starts[..., None] + np.arange(block)) % count
    return places.reshape(samples, -1)[:, :count]


def block_interval(values: np.ndarray, samples: int, seed: int, block: int = BLOCK) -> tuple[float, float]:
    """Interval of the mean of consecutive values by the circular block bootstrap.

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
    drawn = values[block_draws(len(values), samples, seed, block)]
    drawn = drawn[np.isfinite(drawn).any(axis=1)]  # a draw of none but missing values says nothing
    means = np.nanmean(drawn, axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def shifted_interval(value: float, draws: np.ndarray) -> tuple[float, float]:
    """Interval round a value >= 0 from draws of a statistic that resampling makes larger (a Frechet distance).

    Drawn frames repeat, so that a sample looks narrower than the video, and two of them farther apart: the draws'
    mean is moved onto the value, their spread is kept.
    """
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - np.mean(draws) + value
    return max(float(low), 0.0), max(float(high), 0.0)


def jackknife_runs(count: int, groups: int) -> list[np.ndarray]:
    """Frames that are kept when consecutive runs are left out in turn: `groups` times bool (count,)."""
    edges = np.linspace(0, count, groups + 1).round().astype(int)
    frames = np.arange(count)
    return [(frames < first) | (frames >= last) for first, last in pairwise(edges)]


def jackknife_interval(value: float, left_out: np.ndarray, least: float = 0.0) -> tuple[float, float]:
    """Interval round a statistic that is too slow for a bootstrap (delete-a-block jackknife, Kuensch 1989).

    Args:
        value: of all frames.
        left_out: (G,), of the frames that `jackknife_runs` keeps, G of at least 2.
        least: no statistic is below.

    Returns:
        The value -+ Student's t times the jackknife's standard error; NaN where a statistic is NaN.
    """
    count = len(left_out)
    error = np.sqrt((count - 1) / count * ((left_out - np.mean(left_out)) ** 2).sum())
    half = float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * error)
    return (max(value - half, least), value + half) if np.isfinite(half) else (float("nan"), float("nan"))
