"""Pictures seen through a flow."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def resample(maps: Tensor, flow: Tensor, mode: str = "bilinear") -> Tensor:
    """`maps` at (x + u, y + v); positions beyond the border take the border's value.

    With the flow from frame t to t + 1 and frame t + 1 as `maps`, this is frame t + 1 warped onto frame t. The
    gradient with respect to a flow that leads beyond the border is 0, as in the official layer.

    Args:
        maps: (B, C, H, W).
        flow: (B, 2, H, W), (u, v) in pixels.
        mode: "bilinear", as the official layer, or "bicubic", which blurs less.

    Returns:
        (B, C, H, W).
    """
    height, width = maps.shape[-2:]
    x = torch.arange(width, device=flow.device, dtype=flow.dtype)
    y = torch.arange(height, device=flow.device, dtype=flow.dtype)[:, None]
    across, down = (2 * (x + flow[:, 0]) + 1) / width - 1, (2 * (y + flow[:, 1]) + 1) / height - 1
    at = torch.stack((across, down), -1)
    return F.grid_sample(maps, at, mode=mode, padding_mode="border", align_corners=False)
