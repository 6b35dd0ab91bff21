"""FlowNetC, S, SD and the fusion written out with functional calls on a state dict with the official names."""

import torch
from torch import Tensor
from torch.nn import functional as F

STRIDED = ("conv1", "conv2", "conv3", "conv4", "conv5", "conv6")


class Plain:
    def __init__(self, state: dict[str, Tensor]):
        self.state = state

    def conv(self, name: str, x: Tensor) -> Tensor:
        weight = self.state[f"{name}.0.weight"]
        return F.conv2d(x, weight, self.state[f"{name}.0.bias"], 2 if name in STRIDED else 1, weight.shape[-1] // 2)

    def active(self, name: str, x: Tensor) -> Tensor:
        return F.leaky_relu(self.conv(name, x), 0.1)

    def chain(self, x: Tensor, *names: str) -> Tensor:
        for name in names:
            x = self.active(name, x)
        return x

    def flow(self, level: int, x: Tensor) -> Tensor:
        name = f"predict_flow{level}"
        return F.conv2d(x, self.state[f"{name}.weight"], self.state[f"{name}.bias"], 1, 1)

    def join(self, level: int, skip: Tensor, below: Tensor, flow: Tensor) -> Tensor:
        up = f"upsampled_flow{level + 1}_to_{level}"
        up_flow = F.conv_transpose2d(flow, self.state[f"{up}.weight"], self.state.get(f"{up}.bias"), 2, 1)
        name = f"deconv{level}.0"
        features = F.conv_transpose2d(below, self.state[f"{name}.weight"], self.state[f"{name}.bias"], 2, 1)
        return torch.cat((skip, F.leaky_relu(features, 0.1), up_flow), 1)

    def decode(self, skips: dict[int, Tensor], inter: bool) -> list[Tensor]:
        top, *rest = sorted(skips, reverse=True)
        x = skips[top]
        flows = [self.flow(top, x)]
        for level in rest:
            x = self.join(level, skips[level], x, flows[-1])
            flows.append(self.flow(level, self.conv(f"inter_conv{level}", x) if inter else x))
        return flows[::-1]

    def deep(self, three: Tensor) -> dict[int, Tensor]:
        four = self.chain(three, "conv4", "conv4_1")
        five = self.chain(four, "conv5", "conv5_1")
        return {3: three, 4: four, 5: five, 6: self.chain(five, "conv6", "conv6_1")}

    def s(self, x: Tensor) -> list[Tensor]:
        two = self.chain(x, "conv1", "conv2")
        return self.decode({2: two} | self.deep(self.chain(two, "conv3", "conv3_1")), False)

    def c(self, x: Tensor) -> list[Tensor]:
        two = self.chain(x[:, :3], "conv1", "conv2")
        first = self.chain(two, "conv3")
        second = F.pad(self.chain(x[:, 3:], "conv1", "conv2", "conv3"), (20, 20, 20, 20))
        height, width = first.shape[-2:]
        shifted = [second[..., i : i + height, j : j + width] for i in range(0, 41, 2) for j in range(0, 41, 2)]
        costs = F.leaky_relu(torch.stack([(first * there).mean(1) for there in shifted], 1), 0.1)
        three = self.active("conv3_1", torch.cat((self.active("conv_redir", first), costs), 1))
        return self.decode({2: two} | self.deep(three), False)

    def sd(self, x: Tensor) -> list[Tensor]:
        two = self.chain(x, "conv0", "conv1", "conv1_1", "conv2", "conv2_1")
        return self.decode({2: two} | self.deep(self.chain(two, "conv3", "conv3_1")), True)

    def fusion(self, x: Tensor) -> list[Tensor]:
        zero = self.active("conv0", x)
        one = self.chain(zero, "conv1", "conv1_1")
        return self.decode({0: zero, 1: one, 2: self.chain(one, "conv2", "conv2_1")}, True)
