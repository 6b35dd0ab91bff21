"""FlowNet2-SD (Ilg et al. 2017, section 5.2): for small displacements, with 3 x 3 kernels from the first layer on."""

from __future__ import annotations

from torch import Tensor

from h2h.flow.refinement import FLOW_UNIT, Refinement, conv, scaled


class FlowNetSD(Refinement):
    """FlowNet "small displacement".

    Its unit is the inverse of the others': the authors trained it on flows multiplied by 20, and the stack divides
    its output by 20. (NVIDIA's stand-alone class multiplies; the authors' network, which its file was converted
    from, does not.)

    Args:
        width: factor of the channels; 1 is the official network.
    """

    unit = 1 / FLOW_UNIT

    def __init__(self, width: float = 1.0):
        super().__init__()
        c64, c128, c256, c512, c1024 = (scaled(c, width) for c in (64, 128, 256, 512, 1024))
        self.conv0 = conv(6, c64)
        self.conv1 = conv(c64, c64, stride=2)
        self.conv1_1 = conv(c64, c128)
        self.conv2 = conv(c128, c128, stride=2)
        self.conv2_1 = conv(c128, c128)
        self.conv3 = conv(c128, c256, stride=2)
        self.conv3_1 = conv(c256, c256)
        self.conv4 = conv(c256, c512, stride=2)
        self.conv4_1 = conv(c512, c512)
        self.conv5 = conv(c512, c512, stride=2)
        self.conv5_1 = conv(c512, c512)
        self.conv6 = conv(c512, c1024, stride=2)
        self.conv6_1 = conv(c1024, c1024)
        skips = {2: c128, 3: c256, 4: c512, 5: c512, 6: c1024}
        self.add_refinement(skips, {5: c512, 4: c256, 3: c128, 2: c64}, bias=True, inter=True)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, 6, H, W), H and W multiples of 64 -> five flows (B, 2, H/4, W/4) to (B, 2, H/64, W/64)."""
        one = self.conv1_1(self.conv1(self.conv0(x)))
        two = self.conv2_1(self.conv2(one))
        three = self.conv3_1(self.conv3(two))
        four = self.conv4_1(self.conv4(three))
        five = self.conv5_1(self.conv5(four))
        six = self.conv6_1(self.conv6(five))
        return self.refine({2: two, 3: three, 4: four, 5: five, 6: six})
