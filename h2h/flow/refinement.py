"""What the FlowNet networks share: their layers and the refinement that turns features into flows, coarse to fine.

Attribute names and layer orders are those of NVIDIA's flownet2-pytorch, so that its checkpoints load strictly:
`convN`, `deconvN` and `inter_convN` are sequentials, `predict_flowN` and `upsampled_flowN_to_M` bare layers.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

SLOPE = 0.1  # of the LeakyReLU
FLOW_UNIT = 20.0  # px; the networks learn flows in this unit


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution and LeakyReLU: (B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2)
    return nn.Sequential(layer, nn.LeakyReLU(SLOPE, inplace=True))


def scaled(channels: int, width: float) -> int:
    """The channels of a layer in a network of a width; multiples of 8, at least 8."""
    return max(8, 8 * round(channels * width / 8))


class Refinement(nn.Module):
    """Base of the networks: an encoder of its own, then flows from the coarsest to the finest level.

    At level n the resolution is the input's / 2^n. A level's flow comes from the encoder's features there, the
    upsampled features of the level below and its upsampled flow (FlowNet, section 3).

    Attributes:
        unit: px that one unit of the network's output means.
    """

    unit: float

    def add_refinement(self, skips: dict[int, int], ups: dict[int, int], *, bias: bool, inter: bool) -> None:
        """Make the layers.

        Args:
            skips: level -> channels of the encoder's features, all levels.
            ups: level -> channels upsampled to it, all levels but the coarsest.
            bias: whether the flows' upsampling has one.
            inter: whether a convolution without activation comes before each flow but the coarsest (FlowNet 2.0,
                section 5.2).
        """
        self.levels, self.inter = sorted(skips, reverse=True), inter
        below = skips[self.levels[0]]
        self.add_module(f"predict_flow{self.levels[0]}", nn.Conv2d(below, 2, 3, padding=1))
        for coarse, level in pairwise(self.levels):
            up = nn.ConvTranspose2d(below, ups[level], 4, 2, 1)
            self.add_module(f"deconv{level}", nn.Sequential(up, nn.LeakyReLU(SLOPE, inplace=True)))
            self.add_module(f"upsampled_flow{coarse}_to_{level}", nn.ConvTranspose2d(2, 2, 4, 2, 1, bias=bias))
            below = skips[level] + ups[level] + 2
            if inter:
                self.add_module(f"inter_conv{level}", nn.Sequential(nn.Conv2d(below, ups[level], 3, padding=1)))
            self.add_module(f"predict_flow{level}", nn.Conv2d(ups[level] if inter else below, 2, 3, padding=1))
        initialise(self)

    def refine(self, features: dict[int, Tensor]) -> list[Tensor]:
        """Level -> the encoder's features; the flows of all levels in the network's unit, finest first."""
        joined = features[self.levels[0]]
        flows = [self.get_submodule(f"predict_flow{self.levels[0]}")(joined)]
        for coarse, level in pairwise(self.levels):
            up = self.get_submodule(f"upsampled_flow{coarse}_to_{level}")(flows[0])
            joined = torch.cat((features[level], self.get_submodule(f"deconv{level}")(joined), up), 1)
            smooth = self.get_submodule(f"inter_conv{level}")(joined) if self.inter else joined
            flows.insert(0, self.get_submodule(f"predict_flow{level}")(smooth))
        return flows


def initialise(module: nn.Module) -> None:
    """Uniform weights by He et al. (2015) for the LeakyReLU, biases 0; in place."""
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.kaiming_uniform_(layer.weight, a=SLOPE)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
