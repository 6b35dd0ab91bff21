"""Some of many people, as far as possible the same when somebody joins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def some_of(names: Sequence[str], most: int) -> list[str]:
    """At most `most` of the names, in their order: those whose SHA-256 comes first, so that a newcomer replaces one."""
    chosen = sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())[:most]
    return [name for name in names if name in chosen]
