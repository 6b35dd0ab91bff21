"""FlowNetS (Dosovitskiy et al. 2015): both frames stacked; also the two later networks of the FlowNet2 stack."""

from __future__ import annotations

from torch import Tensor

from h2h.flow.refinement import FLOW_UNIT, Refinement, conv, scaled


class FlowNetS(Refinement):
    """FlowNet "simple".

    Args:
        width: factor of the channels; 1 is the official network.
        inputs: 6 for a pair of frames, 12 in the stack.
    """

    unit = FLOW_UNIT

    def __init__(self, width: float = 1.0, inputs: int = 6):
        super().__init__()
        c64, c128, c256, c512, c1024 = (scaled(c, width) for c in (64, 128, 256, 512, 1024))
        self.conv1 = conv(inputs, c64, 7, 2)
        self.conv2 = conv(c64, c128, 5, 2)
        self.conv3 = conv(c128, c256, 5, 2)
        self.conv3_1 = conv(c256, c256)
        self.conv4 = conv(c256, c512, stride=2)
        self.conv4_1 = conv(c512, c512)
        self.conv5 = conv(c512, c512, stride=2)
        self.conv5_1 = conv(c512, c512)
        self.conv6 = conv(c512, c1024, stride=2)
        self.conv6_1 = conv(c1024, c1024)
        skips = {2: c128, 3: c256, 4: c512, 5: c512, 6: c1024}
        self.add_refinement(skips, {5: c512, 4: c256, 3: c128, 2: c64}, bias=False, inter=False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, inputs, H, W), H and W multiples of 64 -> five flows (B, 2, H/4, W/4) to (B, 2, H/64, W/64)."""
        two = self.conv2(self.conv1(x))
        three = self.conv3_1(self.conv3(two))
        four = self.conv4_1(self.conv4(three))
        five = self.conv5_1(self.conv5(four))
        six = self.conv6_1(self.conv6(five))
        return self.refine({2: two, 3: three, 4: four, 5: five, 6: six})
