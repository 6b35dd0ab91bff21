"""End-point errors of a flow estimator over many pairs, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]  # two frames (H, W, 3) uint8 -> flow (H, W, 2) px


def no_flow(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The estimate that nothing moves, (H, W, 2): what any other has to beat."""
    return np.zeros((*first.shape[:2], 2), np.float32)


def mean_errors(
    estimators: Mapping[str, Estimator],
    pairs: Iterable[tuple[np.ndarray, np.ndarray, Mapping[str, tuple[np.ndarray, np.ndarray]]]],
) -> dict[str, dict[str, float]]:
    """The mean end-point error of each estimator in px, over all pixels of a part in all pairs.

    Args:
        estimators: by name, e.g. `h2h.flow.dis.DisFlow`.
        pairs: first and second frame, and by part the true flow (H, W, 2) and where it is known (H, W) bool.

    Returns:
        Estimator -> part -> error; a part without known pixels has no entry.
    """
    totals: dict[str, dict[str, float]] = {name: {} for name in estimators}
    counts: dict[str, int] = {}
    for first, second, parts in pairs:
        known = {part: (truth, mask) for part, (truth, mask) in parts.items() if mask.any()}
        for part, (_, mask) in known.items():
            counts[part] = counts.get(part, 0) + int(mask.sum())
        for name, estimate in estimators.items():
            flow = estimate(first, second)
            for part, (truth, mask) in known.items():
                error = np.linalg.norm(flow[mask] - truth[mask].astype(np.float32), axis=-1)
                totals[name][part] = totals[name].get(part, 0.0) + float(error.sum())
    return {name: {part: total / counts[part] for part, total in parts.items()} for name, parts in totals.items()}


def rounded(errors: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Errors as a card shows them."""
    return {name: {part: round(value, 4) for part, value in parts.items()} for name, parts in errors.items()}
