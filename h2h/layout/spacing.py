"""Some of many, alike in every run."""

from __future__ import annotations

from collections.abc import Sequence


def evenly_spaced(names: Sequence[str], most: int) -> list[str]:
    """At most `most` of the names, in their order: all of them, or every n-th or so, the first among them."""
    if len(names) <= most:
        return list(names)
    return [names[i * len(names) // most] for i in range(most)]
