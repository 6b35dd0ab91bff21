"""Initial weights: N(0, 0.02), as in the pix2pixHD and vid2vid networks that the papers build on."""

from __future__ import annotations

from torch import nn

DEVIATION = 0.02


def initialise(module: nn.Module, deviation: float = DEVIATION) -> None:
    """Draw every convolution's and linear layer's weights from N(0, deviation^2) and zero the biases, in place."""
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, 0.0, deviation)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
