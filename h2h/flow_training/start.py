"""How a flow network starts that is trained from scratch in minutes.

With random weights a FlowNetS predicts no motion for hundreds of steps: it has to find out first that the two frames
have to do with one another. Here its first layer is sensitive to motion from the start, and the refinement begins
with a flow of 0 that each level passes on to the next.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from h2h.flow.flownet_s import FlowNetS
from h2h.flow.refinement import Refinement

FASTEST = 4.0  # px between two frames
WAVES = (3.5, 7.5)  # px, lengths
SPREAD = 1.5  # px, standard deviation of the window
COLOURS = 0.5  # weights of the colours lie so far around 1


def start(network: nn.Module) -> None:
    """Prepare fresh weights for a short training, in place; draws come from torch's generator.

    Args:
        network: one of `h2h.flow.variants`.
    """
    for module in network.modules():
        if isinstance(module, Refinement):
            _start_from_rest(module)
        if isinstance(module, FlowNetS) and module.conv1[0].in_channels == 6:
            weight = module.conv1[0].weight.data
            filters = motion_filters(len(weight), weight.shape[-1]).flatten(1, 2)
            size = weight.square().mean().sqrt()
            weight.copy_(filters * (size / filters.square().mean((1, 2, 3), keepdim=True).sqrt()))


def motion_filters(count: int, side: int) -> Tensor:
    """Filters that see a wave at one place in the first frame and displaced in the second (Adelson and Bergen 1985).

    Each has a direction, wave length and phase of its own, and a speed of at most `FASTEST`. In one half of them the
    second frame counts negative: they are silent where the first half is most excited.

    Returns:
        (count, 2, 3, side, side): weights for the colours of each frame.
    """

    def drawn(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *shape)

    direction, phase = drawn(0, 2 * math.pi, 1, 1, 1), drawn(0, 2 * math.pi, 1, 1, 1)
    length, speed = drawn(*WAVES, 1, 1, 1), drawn(-FASTEST, FASTEST, 1, 1, 1)
    x = torch.arange(side) - (side - 1) / 2
    along = x * direction.cos() + x[:, None] * direction.sin()
    across = x[:, None] * direction.cos() - x * direction.sin()
    along = along - speed / 2 * torch.tensor([-1.0, 1.0])[:, None, None]
    waves = torch.exp(-(along**2 + across**2) / (2 * SPREAD**2)) * torch.cos(2 * math.pi * along / length + phase)
    waves[count // 2 :, 1] *= -1
    return waves[:, :, None] * drawn(1 - COLOURS, 1 + COLOURS, 1, 3, 1, 1)


def _start_from_rest(network: Refinement) -> None:
    """No flow at the coarsest level; bilinear upsampling; the finer levels pass on what they are given."""
    coarsest = network.levels[0]
    bilinear = torch.tensor([0.25, 0.75, 0.75, 0.25])
    for name, layer in network.named_children():
        if name.startswith("upsampled_flow"):
            layer.weight.data.zero_()
            for c in range(2):
                layer.weight.data[c, c] = bilinear * bilinear[:, None]
    for level in network.levels:
        predict = network.get_submodule(f"predict_flow{level}")
        predict.weight.data.zero_()
        given = predict
        if network.inter and level != coarsest:
            given = network.get_submodule(f"inter_conv{level}")[0]
            given.weight.data[:2] = 0
        if level != coarsest:
            for c in range(2):  # the last two channels of what is joined are the upsampled flow
                given.weight.data[c, given.in_channels - 2 + c, 1, 1] = 1
                predict.weight.data[c, c if network.inter else predict.in_channels - 2 + c, 1, 1] = 1
