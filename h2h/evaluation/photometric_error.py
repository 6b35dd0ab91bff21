"""How well flows explain real frames, whose true flow nobody knows: the colours of points should stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from h2h.evaluation.flow_error import Estimator
from h2h.evaluation.pixel_distance import error_map
from h2h.evaluation.warping_error import warp


def photometric_error(first: np.ndarray, second: np.ndarray, flow: np.ndarray, mask: np.ndarray) -> float:
    """Mean L2 norm over RGB between a frame and the next one warped onto it.

    Args:
        first, second: (H, W, 3) uint8.
        flow: (H, W, 2) px, from the first to the second.
        mask: (H, W) bool, where it counts, in the first.

    Returns:
        0 to 441; NaN when the mask is empty.
    """
    errors = error_map(first, warp(second.astype(np.float32), flow))
    return float(errors[mask].mean()) if mask.any() else float("nan")


def photometric_errors(
    estimators: Mapping[str, Estimator], pairs: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> dict[str, float]:
    """Mean over the pairs (first frame, second frame, mask) of each estimator's error."""
    errors: dict[str, list[float]] = {name: [] for name in estimators}
    for first, second, mask in pairs:
        for name, estimate in estimators.items():
            errors[name].append(photometric_error(first, second, estimate(first, second), mask))
    return {name: float(np.nanmean(values)) for name, values in errors.items()}
