"""Notices losses that explode: a training that is lost stops instead of spoiling its last good state."""

from __future__ import annotations

import math

FACTOR = 20.0  # over the lowest smoothed sum of losses so far
PATIENCE = 5  # clips in a row
SMOOTH = 0.2  # weight of the newest clip


class Watch:
    """Follows the sum of the losses' sizes from clip to clip."""

    def __init__(self) -> None:
        self._level: float | None = None
        self._lowest = math.inf
        self._adversarial: bool | None = None
        self.suspicious = 0  # clips in a row whose losses are far above the lowest level

    def lost(self, values: dict[str, float], adversarial: bool) -> bool:
        """Whether the losses have exploded; those that are not finite are the training step's to watch.

        Args:
            values: a clip's losses.
            adversarial: whether discriminators take part; where they set in, the level starts anew.
        """
        total = sum(abs(value) for value in values.values())
        if adversarial != self._adversarial:
            self._level, self._lowest, self.suspicious = None, math.inf, 0
        self._adversarial = adversarial
        if not math.isfinite(total) or total > FACTOR * self._lowest:
            self.suspicious += 1
            return math.isfinite(total) and self.suspicious >= PATIENCE
        self.suspicious = 0
        self._level = total if self._level is None else (1 - SMOOTH) * self._level + SMOOTH * total
        self._lowest = min(self._lowest, self._level)
        return False
