"""The summary of an evaluation: every metric's value and interval, by the registry's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from h2h.evaluation.bootstrap import block_interval
from h2h.evaluation.registry import METRICS


def means(datasets: Mapping[str, np.ndarray], samples: int, seed: int) -> dict[str, Any]:
    """Means over the frames, with 95% intervals (`KEY_interval`), of the metrics that are such means.

    Args:
        datasets: of the evaluation's file, (T,) each, NaN where there is no value; others are passed over.
        samples: of the bootstrap.
        seed: of its draws.

    Returns:
        Nothing of a metric without any value.
    """
    found: dict[str, Any] = {}
    for key, metric in METRICS.items():
        values = np.asarray(datasets.get(metric.dataset, ()), np.float64)
        if np.isfinite(values).any():
            found[key] = float(np.nanmean(values))
            found[f"{key}_interval"] = block_interval(values, samples, seed)
    return found
