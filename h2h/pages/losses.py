"""What the losses of the trainings are called in charts, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMES = {
    "perceptual": "perceptual",
    "eyes": "perceptual, eyes",
    "mouth": "perceptual, mouth",
    "mask": "mask",
    "pixel": "pixel",
    "identity_matching": "identity matching",
}
_AGAINST = {"image": "D_I", "mouth": "D_M", "dynamics": "D_V"}
_KINDS = {"features": "feature matching, {}", "g": "generator against {}", "d": "discriminator {}"}


def loss_name(key: str) -> str:
    """A loss for people; one that is not known keeps its key."""
    found = re.fullmatch(r"(features|g|d)_(image|mouth|dynamics)(?:_(\d+))?", key)
    if found is None:
        return _NAMES.get(key, key)
    kind, against, scale = found.groups()
    return _KINDS[kind].format(_AGAINST[against] + (f", scale {int(scale) + 1}" if scale else ""))


def in_order(keys: Iterable[str]) -> list[str]:
    """The losses as a reader wants them: what the pictures look like first, the discriminators' own last."""
    first = [*_NAMES]
    kinds = ["features", "g", "d"]

    def place(key: str) -> tuple[int, str]:
        if key in first:
            return first.index(key), key
        kind = key.split("_")[0]
        return len(first) + (kinds.index(kind) if kind in kinds else -1), key

    return sorted(keys, key=place)
