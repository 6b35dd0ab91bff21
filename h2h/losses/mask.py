"""Mask reconstruction: L1 between the predicted and the extracted foreground mask (FS 3.3)."""

from __future__ import annotations

from torch import Tensor


def mask_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of two masks (B, 1, H, W) in [0, 1]."""
    return (predicted - target).abs().mean()
