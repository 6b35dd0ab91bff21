"""How much faster a training step is in bf16 with channels-last pictures than in float32 (goal: twice).

Laptop profile (params.yaml), fine-tuning stage with all discriminators, synthetic person: the mean over the steps of a
whole clip, as the slower scales of the dynamics discriminator only take part after its first frames. The two alternate,
the quickest of a few counts, so that other jobs on the machine disturb both alike. The last line is JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "training"))

from synthetic import write_cache

from h2h.config import Params, load_params
from h2h.evaluation.environment import processor
from h2h.training.clips import Batch, Person, draw_batch
from h2h.training.networks import build_networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import BF16, FP32, Precision
from h2h.training.session import build_perceptual
from h2h.training.step import Trainer

GOAL = 2.0
ROUNDS = 4


def make_trainer(params: Params, precision: Precision) -> Trainer:
    """The person-specific networks of the fine-tuning stage, with fresh weights.

    float32 is the plain reference: without channels-last.
    """
    torch.manual_seed(0)
    networks = build_networks(params.network, params.image.size, 1)
    networks.collapse(torch.nn.functional.normalize(torch.randn(params.network.embedding), dim=0))
    last = precision is not FP32
    networks.to(torch.device("cpu"), channels_last=last)
    perceptual = build_perceptual(params.losses)
    if perceptual is not None and last:
        perceptual.to(memory_format=torch.channels_last)
    chosen = params.finetune
    optimisers = Optimisers.of(networks, chosen.lr_generator, chosen.lr_discriminator, params.pretrain.lr_embedder)
    return Trainer(networks, optimisers, params.losses, perceptual, precision, chosen.chunk_frames)


def make_person(params: Params, folder: Path) -> Person:
    path = write_cache(folder / "ellipse.h5", frames=60, size=params.image.size)
    return Person(path, params.network.gaze)


def make_batch(params: Params) -> Batch:
    """Clips of the profile's length."""
    with tempfile.TemporaryDirectory() as folder:
        person = make_person(params, Path(folder))
        chosen = params.finetune
        batch = draw_batch([person], chosen.batch, chosen.clip_frames, np.random.default_rng(0), 0.05)
        person.close()
    return batch


def step_seconds(trainer: Trainer, batch: Batch) -> float:
    """Seconds of an optimiser step (a chunk of frames), mean over the clip."""
    steps = -(-batch.frames.shape[1] // trainer.chunk_frames)
    began = time.perf_counter()
    trainer.clip(batch, None, 0, [1.0] * steps)
    return (time.perf_counter() - began) / steps


def main() -> None:
    params = load_params()
    batch = make_batch(params)
    trainers = {p.name: make_trainer(params, p) for p in (FP32, BF16)}
    seconds: dict[str, list[float]] = {name: [] for name in trainers}
    for _ in range(ROUNDS + 1):
        for name, trainer in trainers.items():
            seconds[name].append(step_seconds(trainer, batch))
    best = {name: min(values[1:]) for name, values in seconds.items()}
    print(f"{processor()}, {torch.get_num_threads()} threads")
    for name, value in best.items():
        frames = params.finetune.batch * params.finetune.chunk_frames / value
        print(f"{name}: {value:.3f} s a step, {frames:.2f} frames/s")
    gain = round(best["fp32"] / best["bf16"], 2)
    print(json.dumps({"bf16_speedup": {"value": gain, "goal": GOAL, "op": ">=", "met": gain >= GOAL}}))


if __name__ == "__main__":
    main()
