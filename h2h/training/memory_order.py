"""The order in which a tensor's numbers lie in memory."""

from __future__ import annotations

import torch
from torch import Tensor


def laid_out(tensor: Tensor, like: Tensor) -> Tensor:
    """A tensor with its numbers in memory in the order of another one of its shape.

    Fused Adam goes through weights, gradients and moments as they lie in memory: where one is channels-last and another
    is not (from a file, or averaged over processes) it would mix them up without a word.
    """
    return tensor if tensor.stride() == like.stride() else torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)
