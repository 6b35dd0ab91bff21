"""A fine-tuned generator made ready to draw frame after frame, quickly."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from h2h.models.generator import Generator


class Renderer(nn.Module):
    """Runs a generator whose convolutions are kept in one number format, with channels last in memory.

    Under autocast every weight would be converted again for every frame; here this is done once. Normalisation
    layers keep their float32 gains, and the outputs are float32.

    Args:
        generator: fine-tuned (without an identity feature); it stays as it is.
        dtype: of weights and features: float32 or bfloat16.
    """

    def __init__(self, generator: Generator, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.condition_frames, self.history_frames = generator.condition_frames, generator.history_frames
        self.generator, self.dtype = copy.deepcopy(generator).eval(), dtype
        for layer in self.generator.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                layer.to(dtype, memory_format=torch.channels_last)

    def forward(self, condition: Tensor, history: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """As `Generator.forward`."""
        ready = (x.to(self.dtype, memory_format=torch.channels_last) for x in (condition, history))
        return self.generator(*ready, h)
