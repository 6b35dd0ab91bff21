"""Frames out of a trained generator, as the pictures that stages store."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from h2h.models.generator import Generator
from h2h.models.inference import Renderer
from h2h.models.sequence import generate
from h2h.training.clips import condition
from h2h.training.precision import Precision
from h2h.training.window import runs


def synthesise(
    generator: Generator,
    nmfc: np.ndarray,
    gaze: np.ndarray | None,
    segment: np.ndarray,
    precision: Precision,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Synthesise a video from conditional images only, one frame after the other.

    Each segment starts from nothing; within it the network sees its own previous outputs, never a true
    frame or mask.

    Args:
        generator: without embedder (fine-tuned).
        nmfc: (T, S, S, 3) uint8.
        gaze: (T, S, S, 3) uint8, None if the network was trained without.
        segment: (T,) ints.
        precision: to compute in.

    Yields:
        The person on black (S, S, 3) uint8 and the foreground mask (S, S) uint8.
    """
    device = next(generator.parameters()).device
    renderer = Renderer(generator, precision.autocast or torch.float32)
    for first, last in runs(segment):
        conditions = (condition(nmfc[t], None if gaze is None else gaze[t]).to(device) for t in range(first, last))
        for frame, mask in generate(renderer, conditions):
            yield to_pictures(frame, mask)


def to_pictures(frame: Tensor, mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Network outputs (3, S, S) in [-1, 1] and (1, S, S) in [0, 1] -> uint8 (S, S, 3) and (S, S).

    The network learns colours times alpha, which cannot exceed alpha: where they do (grey haze in the
    background), alpha is the limit.
    """
    alpha = mask.clamp(0, 1)
    colour = torch.minimum(((frame + 1) / 2).clamp(0, 1), alpha)
    to_bytes = [(x * 255).round().to(torch.uint8).cpu() for x in (colour, alpha)]
    return to_bytes[0].permute(1, 2, 0).contiguous().numpy(), to_bytes[1][0].numpy()
