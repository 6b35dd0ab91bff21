"""FlowNetC (Dosovitskiy et al. 2015): features of each frame, compared by the correlation layer."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from h2h.flow.correlation import MAX_DISPLACEMENT, STRIDE, correlation
from h2h.flow.refinement import FLOW_UNIT, SLOPE, Refinement, conv, scaled

DISPLACEMENTS = (2 * (MAX_DISPLACEMENT // STRIDE) + 1) ** 2  # 441


class FlowNetC(Refinement):
    """FlowNet "correlation".

    Args:
        width: factor of the channels; 1 is the official network. The correlation always has 441.
    """

    unit = FLOW_UNIT

    def __init__(self, width: float = 1.0):
        super().__init__()
        c32, c64, c128, c256, c512, c1024 = (scaled(c, width) for c in (32, 64, 128, 256, 512, 1024))
        self.conv1 = conv(3, c64, 7, 2)
        self.conv2 = conv(c64, c128, 5, 2)
        self.conv3 = conv(c128, c256, 5, 2)
        self.conv_redir = conv(c256, c32, 1)
        self.conv3_1 = conv(c32 + DISPLACEMENTS, c256)
        self.conv4 = conv(c256, c512, stride=2)
        self.conv4_1 = conv(c512, c512)
        self.conv5 = conv(c512, c512, stride=2)
        self.conv5_1 = conv(c512, c512)
        self.conv6 = conv(c512, c1024, stride=2)
        self.conv6_1 = conv(c1024, c1024)
        skips = {2: c128, 3: c256, 4: c512, 5: c512, 6: c1024}
        self.add_refinement(skips, {5: c512, 4: c256, 3: c128, 2: c64}, bias=True, inter=False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, 6, H, W), H and W multiples of 64 -> five flows (B, 2, H/4, W/4) to (B, 2, H/64, W/64)."""
        frames = torch.cat((x[:, :3], x[:, 3:]))
        two = self.conv2(self.conv1(frames))
        first, second = self.conv3(two).chunk(2)
        costs = F.leaky_relu(correlation(first, second), SLOPE)
        three = self.conv3_1(torch.cat((self.conv_redir(first), costs), 1))
        four = self.conv4_1(self.conv4(three))
        five = self.conv5_1(self.conv5(four))
        six = self.conv6_1(self.conv6(five))
        return self.refine({2: two[: len(x)], 3: three, 4: four, 5: five, 6: six})
