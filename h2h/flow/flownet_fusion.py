"""The fusion network of FlowNet2 (Ilg et al. 2017, section 5.2): one flow of two, at full resolution."""

from __future__ import annotations

from torch import Tensor

from h2h.flow.refinement import Refinement, conv, scaled

INPUTS = 11  # the first frame, two flows, their lengths, and the brightness errors they leave


class FlowNetFusion(Refinement):
    """Flows in pixels, in and out.

    Args:
        width: factor of the channels; 1 is the official network.
    """

    unit = 1.0

    def __init__(self, width: float = 1.0):
        super().__init__()
        c16, c32, c64, c128 = (scaled(c, width) for c in (16, 32, 64, 128))
        self.conv0 = conv(INPUTS, c64)
        self.conv1 = conv(c64, c64, stride=2)
        self.conv1_1 = conv(c64, c128)
        self.conv2 = conv(c128, c128, stride=2)
        self.conv2_1 = conv(c128, c128)
        self.add_refinement({0: c64, 1: c128, 2: c128}, {1: c32, 0: c16}, bias=True, inter=True)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, 11, H, W), H and W multiples of 4 -> three flows in px, (B, 2, H, W) to (B, 2, H/4, W/4)."""
        zero = self.conv0(x)
        one = self.conv1_1(self.conv1(zero))
        return self.refine({0: zero, 1: one, 2: self.conv2_1(self.conv2(one))})
