"""Loss scaling for float16, whose smallest numbers would swallow small gradients (Micikevicius et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

FIRST = 2.0**10
PATIENCE = 2000  # steps in a row with finite gradients, after which a larger scale is tried


class LossScale:
    """Losses are multiplied by `value` before gradients are taken of them, and those divided by it.

    Other number formats have as large a range as float32; their scale stays 1.

    Args:
        number_format: of the networks.
    """

    def __init__(self, number_format: torch.dtype | None = None) -> None:
        self.active = number_format is torch.float16
        self.value = FIRST if self.active else 1.0
        self._well = 0

    def over(self, gradients: Sequence[Tensor | None]) -> None:
        """Divide gradients of scaled losses by the scale, in place."""
        if self.value != 1:
            torch._foreach_div_([g for g in gradients if g is not None], self.value)

    def note(self, well: bool) -> bool:
        """A step had finite gradients, or not; True if a smaller scale may mend that."""
        if not self.active:
            return False
        if well:
            self._well += 1
            if self._well == PATIENCE:
                self.value, self._well = 2 * self.value, 0
            return False
        self._well = 0
        if self.value <= 1:
            return False
        self.value /= 2
        return True

    def state(self) -> dict[str, Tensor]:
        """For a snapshot."""
        return {"value": torch.tensor(self.value), "well": torch.tensor(self._well)}

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from a state."""
        self.value, self._well = float(state["value"]), int(state["well"])
