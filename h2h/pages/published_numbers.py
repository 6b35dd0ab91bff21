"""The papers' numbers for a figure, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

NAMES = {"ours": "ours", "vid2vid": "vid2vid", "x2face": "X2Face", "wo_init": "without initialisation"}
NAMES |= {"wo_dm": "without D_M", "w_dm": "with D_M"}


def published_numbers(results: Mapping[str, Any], place: str | None) -> str:
    """What the paper prints: "ours 17.80 (13.09 to 25.74), ...", a mean and the range over people; "" without a place.

    Args:
        results: all published numbers.
        place: keys from the outside, joined by dots: a number, numbers of people, or either for each method.

    Raises:
        KeyError: there is nothing.
    """
    if place is None:
        return ""
    found: Any = results
    for key in place.split("."):
        found = found[key]
    if not isinstance(found, Mapping):
        return _of(found)
    if all(isinstance(value, (int, float)) for value in found.values()):  # of people
        return _of(list(found.values()))
    return "; ".join(
        f"{NAMES.get(key, key)} {_of(list(v.values()) if isinstance(v, Mapping) else v)}" for key, v in found.items()
    )


def _of(found: Any) -> str:
    values = np.atleast_1d(np.asarray(found, np.float64))
    digits = 3 if values.max() < 1 else 2
    mean, low, high = (f"{value:.{digits}f}" for value in (values.mean(), values.min(), values.max()))
    return f"{mean} ({low} to {high})" if len(values) > 1 else mean
