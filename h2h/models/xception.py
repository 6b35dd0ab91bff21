"""Xception (Chollet 2017) with two classes, as FaceForensics++ trained it to find manipulated faces."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 299  # px of a picture
MIDDLE = 8  # blocks at full width


class Separable(nn.Module):
    """A depthwise and a pointwise convolution."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H, W)."""
        return self.pointwise(self.conv1(x))


class Block(nn.Module):
    """Separable convolutions beside a shortcut; the numbers in `rep` are those of the published weights."""

    def __init__(self, inputs: int, outputs: int, widths: list[int], stride: int = 1, starts_with_relu: bool = True):
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip([inputs, *widths], widths, strict=False):
            layers += [nn.ReLU(), Separable(before, after), nn.BatchNorm2d(after)]
        layers = layers if starts_with_relu else layers[1:]
        self.rep = nn.Sequential(*layers, *([nn.MaxPool2d(3, stride, 1)] if stride > 1 else []))
        self.skip = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs or stride > 1 else None
        self.skipbn = nn.BatchNorm2d(outputs) if self.skip is not None else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H / stride, W / stride)."""
        shortcut = x if self.skip is None or self.skipbn is None else self.skipbn(self.skip(x))
        return self.rep(x) + shortcut


class Xception(nn.Module):
    """Pictures (B, 3, 299, 299) in [-1, 1] -> (B, 2) logits: true, manipulated."""

    def __init__(self, middle: int = MIDDLE):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64)
        self.block1 = Block(64, 128, [128, 128], 2, starts_with_relu=False)
        self.block2 = Block(128, 256, [256, 256], 2)
        self.block3 = Block(256, 728, [728, 728], 2)
        self.middle = [f"block{4 + i}" for i in range(middle)]
        for name in self.middle:
            self.add_module(name, Block(728, 728, [728, 728, 728]))
        self.block12 = Block(728, 1024, [728, 1024], 2)
        self.conv3, self.bn3 = Separable(1024, 1536), nn.BatchNorm2d(1536)
        self.conv4, self.bn4 = Separable(1536, 2048), nn.BatchNorm2d(2048)
        self.last_linear = nn.Linear(2048, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of pictures."""
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        for name in ("block1", "block2", "block3", *self.middle, "block12"):
            x = self.get_submodule(name)(x)
        x = F.relu(self.bn3(self.conv3(x)))
        x = F.relu(self.bn4(self.conv4(x)))
        return self.last_linear(F.adaptive_avg_pool2d(x, 1).flatten(1))


@torch.inference_mode()
def manipulated(network: nn.Module, pictures: Tensor) -> Tensor:
    """The probability that each picture, (B, 3, 299, 299) in [-1, 1], is manipulated: (B,)."""
    return network(pictures).softmax(dim=1)[:, 1]
