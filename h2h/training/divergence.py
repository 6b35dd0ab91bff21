"""Notices a training that is lost: it stops instead of spoiling its last good state."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from h2h.errors import UserError

FACTOR = 20.0  # over the lowest smoothed sum of losses so far
PATIENCE = 5  # clips in a row with exploded losses
SMOOTH = 0.2  # weight of the newest clip
MOST_SKIPPED = 20  # steps in a row without finite gradients before the training gives up; clips in a row with any

log = logging.getLogger("h2h")


class Diverged(UserError):
    """A training that does not come back."""


class Skipped:
    """Counts the steps of some networks without finite gradients, which are left out.

    Args:
        remedy: what to do when there are too many.

    Attributes:
        in_a_row: up to now.
        total: since the process began.
    """

    def __init__(self, remedy: str) -> None:
        self._remedy = remedy
        self.in_a_row = 0
        self.total = 0

    def note(self, well: bool) -> None:
        """A step had finite gradients, or not.

        Raises:
            Diverged: `MOST_SKIPPED` in a row had none.
        """
        if well:
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self.total += 1
        log.warning("a step without finite gradients was left out (%d in a row)", self.in_a_row)
        if self.in_a_row >= MOST_SKIPPED:
            what = f"the training diverged: {MOST_SKIPPED} steps in a row without finite gradients"
            raise Diverged(what, self._remedy)


class Watch:
    """Follows the sum of the losses' sizes from clip to clip.

    Args:
        state: of a training that is resumed, see `state`.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        known = state or {}
        self._level: float | None = known.get("level")
        self._lowest: float | None = known.get("lowest")
        self._adversarial: bool | None = known.get("adversarial")
        self._exploded = 0  # clips in a row
        self._unsound = 0

    @property
    def suspicious(self) -> bool:
        """Whether the last clip was not as it should be: the state after it is none to go back to."""
        return bool(self._exploded or self._unsound)

    def state(self) -> dict[str, Any]:
        """What it has learned from the clips up to now (JSON-able)."""
        return {"level": self._level, "lowest": self._lowest, "adversarial": self._adversarial}

    def fault(self, values: dict[str, float], adversarial: bool, left_out: int = 0) -> str | None:
        """Why the training is lost, if it is.

        Args:
            values: a clip's losses.
            adversarial: whether discriminators take part; where they set in, the level starts anew.
            left_out: steps of the clip that had no finite gradients.
        """
        total = sum(abs(value) for value in values.values())
        if adversarial != self._adversarial:
            self._level, self._lowest, self._exploded = None, None, 0
        self._adversarial = adversarial
        # Steps between them may be sound, so that `Skipped` alone would never give up.
        self._unsound = self._unsound + 1 if left_out or not math.isfinite(total) else 0
        if self._unsound >= MOST_SKIPPED:
            return f"{MOST_SKIPPED} clips in a row had losses or gradients that are not finite"
        if not math.isfinite(total):
            return None
        if self._lowest is not None and total > FACTOR * self._lowest:
            self._exploded += 1
            return f"its losses have grown {FACTOR:g}-fold" if self._exploded >= PATIENCE else None
        self._exploded = 0
        self._level = total if self._level is None else (1 - SMOOTH) * self._level + SMOOTH * total
        self._lowest = self._level if self._lowest is None else min(self._lowest, self._level)
        return None


def all_finite(networks: Iterable[nn.Module]) -> bool:
    """Whether no weight has become infinite or NaN."""
    return all(bool(torch.isfinite(p).all()) for network in networks for p in network.parameters())
