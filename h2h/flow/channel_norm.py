"""The length of the channel vector at each pixel."""

from __future__ import annotations

import torch
from torch import Tensor


def channel_norm(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, 1, H, W), the root of the sum of squares over C; the gradient at a zero vector is 0."""
    return torch.linalg.vector_norm(x, dim=1, keepdim=True)
