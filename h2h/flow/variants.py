"""The networks of the FlowNet2 family by name."""

from __future__ import annotations

from torch import nn

from h2h.flow.flownet2 import FlowNet2
from h2h.flow.flownet_c import FlowNetC
from h2h.flow.flownet_s import FlowNetS
from h2h.flow.flownet_sd import FlowNetSD

VARIANTS = {"c": FlowNetC, "s": FlowNetS, "sd": FlowNetSD, "full": FlowNet2}


def build_flownet(variant: str, width: float, enlarge: int = 1, looks: int = 1) -> nn.Module:
    """A network with fresh weights: (B, 6, H, W) normalised -> flows in `network.unit` px, finest first.

    Args:
        variant: a key of `VARIANTS`; "full" is the stack with the fusion.
        width: factor of the channels; 1 is the official network.
        enlarge: how many times as large it sees its frames (`h2h.flow.frame_pair.predict_flow` enlarges them).
        looks: 2: it corrects what it said first (same place).
    """
    network = VARIANTS[variant](width)
    network.enlarge, network.looks = enlarge, looks
    return network
