"""The dynamics discriminator D_V: K frames and the K - 1 flows between the real ones, at several frame rates."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.patchgan import MultiScale, PatchGAN
from h2h.models.verdict import Verdict

FLOW_UNIT = 0.05  # flows are given to the network in twentieths of the picture's side


class DynamicsDiscriminator(nn.Module):
    """One multi-scale PatchGAN for every temporal scale; scale s sees every factor^s-th frame.

    Args:
        frames: K.
        temporal_scales: frame rates looked at (papers: 3).
        factor: temporal sub-sampling between them (FS 2, Head2Head 3).
        filters: base filters.
        layers: strided layers.
        scales: image scales.
        foreground: whether it is to be shown the person's flow alone, without that of the background.
    """

    def __init__(
        self,
        frames: int = 3,
        temporal_scales: int = 3,
        factor: int = 2,
        filters: int = 64,
        layers: int = 3,
        scales: int = 2,
        foreground: bool = False,
    ):
        super().__init__()
        self.frames, self.foreground = frames, foreground
        self.strides = [factor**s for s in range(temporal_scales)]
        inputs = 3 * frames + 2 * (frames - 1)
        self.rates = nn.ModuleList(
            MultiScale(lambda: PatchGAN(inputs, filters, layers), scales) for _ in range(temporal_scales)
        )

    def span(self, scale: int) -> int:
        """Frames from the first to the last that temporal scale `scale` looks at."""
        return (self.frames - 1) * self.strides[scale] + 1

    def forward(self, frames: Tensor, flows: Tensor, scale: int) -> Verdict:
        """Score short sequences.

        Args:
            frames: (B, K, 3, S, S) in [-1, 1], already sub-sampled.
            flows: (B, K - 1, 2, S, S), px between those frames of the *real* video (see `accumulate`).
            scale: temporal scale.
        """
        size = frames.shape[-1]
        x = torch.cat((frames.flatten(1, 2), flows.flatten(1, 2) / (FLOW_UNIT * size)), 1)
        return Verdict.of(self.rates[scale](x))


def accumulate(flows: Tensor) -> Tensor:
    """The flow over several steps, from the flows of the single steps.

    F_{0->n}(p) = F_{0->n-1}(p) + F_{n-1->n}(p + F_{0->n-1}(p)), with bilinear sampling and the border's value
    outside. This follows each point of the first frame through all steps; it is what sub-sampled sequences
    are conditioned on, without a second flow estimation for every frame rate.

    Args:
        flows: (B, n, 2, H, W), px (x, y), n >= 1.

    Returns:
        (B, 2, H, W) px.
    """
    total = flows[:, 0]
    height, width = total.shape[-2:]
    rows = torch.arange(height, device=flows.device, dtype=flows.dtype)
    columns = torch.arange(width, device=flows.device, dtype=flows.dtype)
    grid = torch.stack((columns.expand(height, width), rows[:, None].expand(height, width)))
    side = torch.tensor([width, height], device=flows.device, dtype=flows.dtype)
    for step in range(1, flows.shape[1]):
        at = (2 * (grid + total).permute(0, 2, 3, 1) + 1) / side - 1
        total = total + F.grid_sample(flows[:, step], at, padding_mode="border", align_corners=False)
    return total
