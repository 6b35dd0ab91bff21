"""Intervals of shares, when every participant gives one answer or several."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

LEVEL = 0.95


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's score interval of a share of independent answers (Wilson 1927), 95%.

    Args:
        share: in [0, 1].
        count: answers.
    """
    z2 = float(norm.ppf((1 + LEVEL) / 2)) ** 2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = np.sqrt(z2) / (1 + z2 / count) * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def share_interval(answers: np.ndarray, samples: int, seed: int) -> tuple[float, float, float]:
    """A share and its 95% interval over participants.

    Answers of one participant are not independent: with several of each the participants are drawn anew (bootstrap).
    Where that says nothing, because they all agree or there is one only, it is Wilson's interval with as many answers
    as participants.

    Args:
        answers: (P, K) bool, K answers of each of P participants.
        samples: bootstrap samples.
        seed: of the draws.

    Returns:
        Share, lower and upper bound; NaN without participants or answers.
    """
    if not answers.size:
        return float("nan"), float("nan"), float("nan")
    means = answers.mean(axis=1)
    share = float(means.mean())
    if answers.shape[1] == 1 or np.ptp(means) == 0:
        return share, *wilson(share, len(means))
    drawn = np.random.default_rng(seed).integers(0, len(means), (samples, len(means)))
    low, high = np.quantile(means[drawn].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return share, float(low), float(high)
