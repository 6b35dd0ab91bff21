"""L1 between frames; the papers do not use it (weight 0)."""

from __future__ import annotations

from torch import Tensor


def pixel_loss(generated: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of two batches of pictures (B, 3, H, W) in [-1, 1]."""
    return (generated - target).abs().mean()
