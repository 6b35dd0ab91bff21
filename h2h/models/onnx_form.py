"""A fine-tuned generator as an ONNX model, which runs without torch."""

from __future__ import annotations

import copy
import io
import logging

import torch
from torch import Tensor, nn

from h2h.models.generator import Generator
from h2h.models.normalisation import EPSILON, InstanceNorm

INPUTS, OUTPUTS = ("condition", "history"), ("frame", "mask")
OPSET = 18


class _StandardNorm(nn.Module):
    """The same layer as the operator that ONNX has for it."""

    def __init__(self, layer: InstanceNorm):
        super().__init__()
        self.norm = nn.InstanceNorm2d(len(layer.gamma), EPSILON, affine=True)
        self.norm.weight, self.norm.bias = layer.gamma, layer.beta

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        return self.norm(x)


def to_onnx(generator: Generator, size: int) -> bytes:
    """Export a generator for one frame at a time.

    Args:
        generator: fine-tuned, without an identity feature.
        size: S, px.

    Returns:
        A model with its weights: condition (1, condition_frames * C, S, S) and history (1, 3 * history_frames, S, S),
        both float32 in [-1, 1] as `Generator.forward` has them, to frame (1, 3, S, S) and mask (1, 1, S, S).
        A generator without previous outputs has no input `history`.

    Raises:
        ValueError: the generator needs an identity feature.
    """
    if generator.embedding is not None:
        raise ValueError("fine-tune the network first: an exported one has no identity feature")
    network = copy.deepcopy(generator).to("cpu", memory_format=torch.contiguous_format).eval()
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, InstanceNorm):
                setattr(parent, name, _StandardNorm(child))
    first = network.condition_encoder.blocks[0].convolution.in_channels // network.patch**2
    example = (torch.zeros(1, first, size, size), torch.zeros(1, 3 * network.history_frames, size, size))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    program = torch.onnx.export(
        network, example, input_names=INPUTS, output_names=OUTPUTS, opset_version=OPSET, dynamo=True, verbose=False
    )
    assert program is not None
    stream = io.BytesIO()
    program.save(stream, external_data=False)
    return stream.getvalue()
