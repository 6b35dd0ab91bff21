"""Floating point operations of a training step of the papers' profile, counted without computing: on the meta device.

A multiplication and an addition are two. Counted are convolutions and matrix products, as torch.utils.flop_counter
does; what is left out (norms, activations, optimisers) waits for memory rather than for arithmetic.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import vgg19

from h2h.config import Params, load_params
from h2h.losses.perceptual import VGG_LAYERS, VGG_WEIGHTS, PerceptualLoss
from h2h.training.clips import Batch
from h2h.training.networks import build_networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import FP32
from h2h.training.step import Trainer

META = torch.device("meta")


def paper() -> Params:
    """The papers' profile."""
    root = Path(__file__).parents[1]
    return load_params(root / "params.yaml", root / "params" / "paper.yaml")


def build(params: Params, stage: str) -> Trainer:
    """A stage's networks and losses."""
    chosen, many = getattr(params, stage), stage == "pretrain"
    starts, layers = (0, *VGG_LAYERS[:-1]), [_not_in_place(layer) for layer in vgg19(weights=None).features]
    stages = [nn.Sequential(*layers[a:b]) for a, b in zip(starts, VGG_LAYERS, strict=True)]
    perceptual = PerceptualLoss(stages, VGG_WEIGHTS)  # as vgg19_loss, which reads the true weights from a file
    networks = build_networks(params.network, params.image.size, 480 if many else 1)
    if not many:
        networks.collapse(torch.nn.functional.normalize(torch.ones(params.network.embedding), dim=0))
    optimisers = Optimisers.of(networks, chosen.lr_generator, chosen.lr_discriminator, params.pretrain.lr_embedder)
    return Trainer(networks, optimisers, params.losses, perceptual, FP32, chosen.chunk_frames, chosen.parts)


def _not_in_place(layer: nn.Module) -> nn.Module:
    return nn.ReLU() if isinstance(layer, nn.ReLU) else layer


def clip_of(params: Params, length: int, batch: int) -> Batch:
    """A batch of clips, all shapes."""
    size, channels = params.image.size, 6 if params.network.gaze else 3

    def of(*shape: int) -> torch.Tensor:
        return torch.zeros(batch, *shape, device=META)

    half = torch.full((batch, length, 2), 0.5)  # where to cut is read from these: they are no mere shapes
    middles, person = half[:, :, None].expand(-1, -1, 2, -1), torch.zeros(batch, dtype=torch.int64)
    return Batch(
        of(length, 3, size, size), of(length, 1, size, size), of(length, channels, size, size),
        of(length - 1, 2, size, size), half, middles, person,
    )  # fmt: skip


def per_frame(params: Params, stage: str) -> float:
    """FLOP of a training for each frame that it generates, forwards and backwards, all networks."""
    with patch.object(torch, "autocast", lambda *_, **__: nullcontext()):  # there is none for the meta device
        return _counted(params, stage)


def _counted(params: Params, stage: str) -> float:
    chosen, many = getattr(params, stage), stage == "pretrain"
    with META:
        trainer = build(params, stage)
    draw = torch.Generator().manual_seed(0)
    chunks = math.ceil(chosen.clip_frames / chosen.chunk_frames)
    batch = clip_of(params, chosen.clip_frames, chosen.batch)
    size, learns_at = params.image.size, chunks - 1
    with FlopCounterMode(display=False) as counter:
        h = None
        if many:
            pictures = torch.zeros(chosen.batch, chosen.embedding_frames, 3, size, size, device=META)
            h = trainer._embed(pictures)
        (part,) = trainer._split(batch)
        for number in range(chunks):
            now = slice(number * chosen.chunk_frames, min((number + 1) * chosen.chunk_frames, chosen.clip_frames))
            # times 1, as the counter cannot bear a leaf
            leaf = None if h is None else h.detach().requires_grad_(number == learns_at) * 1
            trainer._chunk(part, now, leaf, draw, adversarial=True)
        if h is not None:  # the embedder's own step, once a clip
            torch.autograd.grad(h.sum(), list(trainer.networks.embedder.parameters()), allow_unused=True)
    return counter.get_total_flops() / (chosen.batch * chosen.clip_frames)


def main() -> None:
    params = paper()
    for stage in ("pretrain", "finetune"):
        print(f"{stage}: {per_frame(params, stage) / 1e12:.2f} TFLOP a frame", flush=True)


if __name__ == "__main__":
    main()
