"""PatchGAN of pix2pixHD: 4 x 4 convolutions, LeakyReLU 0.2, instance norm, at several image scales."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.initialise import initialise
from h2h.models.normalisation import InstanceNorm

MOST_CHANNELS = 512


class PatchGAN(nn.Module):
    """Strided convolutions that keep every layer's output for the feature-matching loss.

    Args:
        inputs: input channels.
        filters: channels of the first layer (release: 64).
        layers: strided layers (release: 3).
        outputs: channels for each patch: 1 for a score, n_f for the features d of FS eq. 7.
    """

    def __init__(self, inputs: int, filters: int = 64, layers: int = 3, outputs: int = 1):
        super().__init__()
        channels = [inputs] + [min(filters << i, MOST_CHANNELS) for i in range(layers + 1)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels[i], channels[i + 1], 4, stride=2 if i < layers else 1, padding=2, bias=i == 0)
            for i in range(layers + 1)
        )
        self.norms = nn.ModuleList(InstanceNorm(c) for c in channels[2:])
        # One patch's n_f features come from a 1 x 1 convolution: a 4 x 4 one to 512 channels would cost as
        # much as all layers before it.
        self.head = nn.Conv2d(channels[-1], 1, 4, padding=2) if outputs == 1 else nn.Conv2d(channels[-1], outputs, 1)
        initialise(self)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(B, inputs, H, W) -> patches (B, outputs, H', W') and the hidden layers' outputs, shallow first."""
        hidden: list[Tensor] = []
        for i, convolution in enumerate(self.convolutions):
            x = convolution(x)
            x = F.leaky_relu(self.norms[i - 1](x) if i else x, 0.2)
            hidden.append(x)
        return self.head(x), hidden


class MultiScale(nn.Module):
    """The same discriminator, with its own weights, on the picture and on ever smaller copies of it.

    Args:
        make: makes the discriminator of one scale.
        scales: how many.
    """

    def __init__(self, make: Callable[[], PatchGAN], scales: int):
        super().__init__()
        self.scales = nn.ModuleList(make() for _ in range(scales))

    def forward(self, x: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        """(B, C, H, W) -> each scale's patches and hidden layers, full size first."""
        results = []
        for i, scale in enumerate(self.scales):
            if i:
                x = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
            results.append(scale(x))
        return results
