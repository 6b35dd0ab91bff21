"""FlowNet2 (Ilg et al. 2017, figure 2): FlowNetC and two FlowNetS in a row, FlowNet2-SD beside them, and the fusion."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.flow.channel_norm import channel_norm
from h2h.flow.flownet_c import FlowNetC
from h2h.flow.flownet_fusion import FlowNetFusion
from h2h.flow.flownet_s import FlowNetS
from h2h.flow.flownet_sd import FlowNetSD
from h2h.flow.refinement import FLOW_UNIT
from h2h.flow.resample import resample


class FlowNet2(nn.Module):
    """The whole stack; the names are those of the official checkpoint.

    Args:
        width: factor of the channels; 1 is the official network.
    """

    unit = FlowNetFusion.unit

    def __init__(self, width: float = 1.0):
        super().__init__()
        self.flownetc = FlowNetC(width)
        self.flownets_1 = FlowNetS(width, 12)
        self.flownets_2 = FlowNetS(width, 12)
        self.flownets_d = FlowNetSD(width)
        self.flownetfusion = FlowNetFusion(width)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, 6, H, W), H and W multiples of 64 -> three flows in px, (B, 2, H, W) to (B, 2, H/4, W/4)."""
        flow = _enlarged(self.flownetc, x, "bilinear")
        flow = _enlarged(self.flownets_1, _with_warped(x, flow), "bilinear")
        large = _enlarged(self.flownets_2, _with_warped(x, flow), "nearest")
        small = _enlarged(self.flownets_d, x, "nearest")
        errors = [_brightness_error(x, resample(x[:, 3:], flow)) for flow in (small, large)]
        return self.flownetfusion(
            torch.cat((x[:, :3], small, large, channel_norm(small), channel_norm(large), *errors), 1)
        )


def _enlarged(network: nn.Module, x: Tensor, mode: str) -> Tensor:
    """The network's finest flow in px, enlarged 4 times."""
    return F.interpolate(network(x)[0] * network.unit, scale_factor=4, mode=mode)


def _with_warped(x: Tensor, flow: Tensor) -> Tensor:
    """The next FlowNetS's 12 channels: both frames, the second warped onto the first, the flow, and the error left."""
    warped = resample(x[:, 3:], flow)
    return torch.cat((x, warped, flow / FLOW_UNIT, _brightness_error(x, warped)), 1)


def _brightness_error(x: Tensor, warped: Tensor) -> Tensor:
    return channel_norm(x[:, :3] - warped)
