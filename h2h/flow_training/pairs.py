"""A batch of frame pairs with what is known of their flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Known:
    """A flow where it is known.

    Attributes:
        flow: (B, 2, H, W) px, (u, v); anything where the mask is 0.
        mask: (B, 1, H, W), 0 to 1.
    """

    flow: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Pairs:
    """B pairs of frames.

    Attributes:
        first, second: (B, 3, H, W), RGB, 0 to 255.
        known: flows from the first to the second by the name of the part whose flow it is, e.g. "face".
    """

    first: Tensor
    second: Tensor
    known: dict[str, Known]

    def to(self, device: torch.device) -> Pairs:
        """The same pairs on another device."""
        known = {part: Known(k.flow.to(device), k.mask.to(device)) for part, k in self.known.items()}
        return Pairs(self.first.to(device), self.second.to(device), known)


def filled_up(pairs: Pairs, multiple: int) -> Pairs:
    """The pairs with H and W made multiples, at the right and below: frames repeat their border, no flow is known."""
    height, width = pairs.first.shape[-2:]
    more = (0, -width % multiple, 0, -height % multiple)
    known = {part: Known(F.pad(k.flow, more), F.pad(k.mask, more)) for part, k in pairs.known.items()}
    return Pairs(*(F.pad(frame, more, mode="replicate") for frame in (pairs.first, pairs.second)), known)


def stacked(arrays: Sequence[np.ndarray]) -> Tensor:
    """(H, W, C) arrays -> (B, C, H, W) float32."""
    return torch.from_numpy(np.stack(arrays)).movedim(-1, 1).float()
