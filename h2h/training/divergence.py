"""Notices losses that explode: a training that is lost stops instead of spoiling its last good state."""

from __future__ import annotations

import logging
import math

from h2h.errors import UserError

FACTOR = 20.0  # over the lowest smoothed sum of losses so far
PATIENCE = 5  # clips in a row
SMOOTH = 0.2  # weight of the newest clip
MOST_SKIPPED = 20  # steps in a row without finite gradients before the training gives up

log = logging.getLogger("h2h")


class Diverged(UserError):
    """A training that does not come back."""


class Skipped:
    """Counts the steps without finite gradients, which are left out.

    Args:
        remedy: what to do when there are too many.
    """

    def __init__(self, remedy: str) -> None:
        self._remedy = remedy
        self.in_a_row = 0

    def note(self, well: bool) -> None:
        """A step had finite gradients, or not.

        Raises:
            Diverged: `MOST_SKIPPED` in a row had none.
        """
        self.in_a_row = 0 if well else self.in_a_row + 1
        if self.in_a_row:
            log.warning("a step without finite gradients was left out (%d in a row)", self.in_a_row)
        if self.in_a_row >= MOST_SKIPPED:
            what = f"the training diverged: {MOST_SKIPPED} steps in a row without finite gradients"
            raise Diverged(what, self._remedy)


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
