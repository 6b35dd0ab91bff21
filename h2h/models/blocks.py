"""The generator's building blocks; each takes the identity feature and hands it to its normalisation layers."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from h2h.models.normalisation import norm_layer


class ConvBlock(nn.Module):
    """Convolution, normalisation, ReLU.

    Args:
        convolution: the layer; its `out_channels` are normalised.
        embedding: n_f for AdaIN, None for plain instance normalisation.
    """

    def __init__(self, convolution: nn.Conv2d | nn.ConvTranspose2d, embedding: int | None):
        super().__init__()
        self.convolution = convolution
        self.norm = norm_layer(convolution.out_channels, embedding)

    def forward(self, x: Tensor, h: Tensor | None) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        return F.relu(self.norm(self.convolution(x), h))


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))), two 3 x 3 convolutions."""

    def __init__(self, channels: int, embedding: int | None):
        super().__init__()
        self.first = ConvBlock(nn.Conv2d(channels, channels, 3, padding=1, bias=False), embedding)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = norm_layer(channels, embedding)

    def forward(self, x: Tensor, h: Tensor | None) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        return x + self.norm(self.second(self.first(x, h)), h)


class Chain(nn.Module):
    """Blocks one after the other, all with the same identity feature."""

    def __init__(self, blocks: list[nn.Module]):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, h: Tensor | None) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        for block in self.blocks:
            x = block(x, h)
        return x


def wide_convolution(inputs: int, outputs: int) -> nn.Conv2d:
    """The 7 x 7 convolution with reflected borders at both ends of the generator."""
    return nn.Conv2d(inputs, outputs, 7, padding=3, padding_mode="reflect")


def encoder(inputs: int, filters: int, strided: int, blocks: int, embedding: int | None) -> Chain:
    """7 x 7 convolution to `filters`, `strided` halvings that double the channels, `blocks` residual blocks."""
    layers: list[nn.Module] = [ConvBlock(wide_convolution(inputs, filters), embedding)]
    for level in range(strided):
        channels = filters << level
        layers.append(ConvBlock(nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1, bias=False), embedding))
    layers += [ResidualBlock(filters << strided, embedding) for _ in range(blocks)]
    return Chain(layers)


def decoder(filters: int, strided: int, blocks: int, embedding: int | None) -> Chain:
    """`blocks` residual blocks, then `strided` transposed convolutions back to `filters` channels."""
    layers: list[nn.Module] = [ResidualBlock(filters << strided, embedding) for _ in range(blocks)]
    for level in reversed(range(strided)):
        channels = filters << level
        up = nn.ConvTranspose2d(2 * channels, channels, 3, stride=2, padding=1, output_padding=1, bias=False)
        layers.append(ConvBlock(up, embedding))
    return Chain(layers)
