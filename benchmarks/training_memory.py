"""How much memory a training step needs: both profiles' multi-person initialisation and fine-tuning.

    python benchmarks/training_memory.py [--profiles laptop paper]

Counted are the bytes of all tensors that are alive at once (weights, gradients, optimiser states, activations kept for
the backward pass, temporary ones) while a real step runs on synthetic people: in bf16 autocast and in float32. That is
what a GPU has to hold besides its context and the libraries' workspaces, for which RESERVE_GB is added. Of the laptop
profile, which runs on the CPU, the process's own peak is printed too. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "training"))

from synthetic import write_cache

from h2h.config import Params, load_params
from h2h.evaluation.environment import processor
from h2h.losses.perceptual import PerceptualLoss, vgg19_loss
from h2h.training.clips import Person, draw_batch, draw_pictures
from h2h.training.networks import build_networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import BF16, FP32, Precision
from h2h.training.session import build_perceptual
from h2h.training.step import Trainer

GB = 1e9
RESERVE_GB = 1.0  # a CUDA context and the workspaces of cuDNN and cuBLAS
GOALS = {"paper": 11.0, "laptop": 6.0}


class Alive(TorchDispatchMode):
    """Counts the bytes of all tensors' storages that are alive, and the most there ever were."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._known: set[int] = set()

    def count(self, tensor: torch.Tensor) -> None:
        """Count a tensor's storage until it is freed."""
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self._known or tensor.device.type == "meta":
            return
        self._known.add(key)
        weakref.finalize(storage, self._freed, key, size)
        self.now += size
        self.most = max(self.most, self.now)

    def _freed(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(found):
            if isinstance(leaf, torch.Tensor):
                self.count(leaf)
        return found


def profile(name: str) -> Params:
    """The profile's parameters."""
    return load_params(overlay=None if name == "laptop" else Path("params/paper.yaml"))


def perceptual_of(params: Params, folder: Path) -> PerceptualLoss | None:
    """The profile's; VGG19 has drawn weights here, which take as much memory as the true ones."""
    if params.losses.perceptual_network != "vgg19":
        return build_perceptual(params.losses)
    from torchvision.models import vgg19

    torch.save(vgg19(weights=None).state_dict(), folder / "vgg19.pth")
    return vgg19_loss(folder / "vgg19.pth")


def peak(params: Params, stage: str, precision: Precision) -> tuple[float, float]:
    """(GB that stay: weights, optimiser states; most GB at once) of a stage's steps."""
    chosen = getattr(params, stage)
    many = stage == "pretrain"
    with tempfile.TemporaryDirectory() as folder:
        path = write_cache(Path(folder) / "ellipse.h5", frames=60, size=params.image.size)
        person = Person(path, params.network.gaze)
        rng = np.random.default_rng(0)
        # a whole clip: later frames have previous ones, and slower scales of the dynamics discriminator
        batch = draw_batch([person], chosen.batch, chosen.clip_frames, rng, 0.0)
        pictures = (
            draw_pictures([person], batch.person.tolist(), chosen.embedding_frames, chosen.batch, rng) if many else None
        )
        perceptual = perceptual_of(params, Path(folder))
        person.close()
    alive = Alive()
    torch.manual_seed(0)
    networks = build_networks(params.network, params.image.size, 480 if many else 1)
    if not many:
        networks.collapse(torch.nn.functional.normalize(torch.randn(params.network.embedding), dim=0))
    last = precision is not FP32
    networks.to(torch.device("cpu"), channels_last=last)
    for module in [*networks.items().values(), *([perceptual] if perceptual is not None else [])]:
        for tensor in [*module.parameters(), *module.buffers()]:
            alive.count(tensor.data)
    optimisers = Optimisers.of(networks, chosen.lr_generator, chosen.lr_discriminator, params.pretrain.lr_embedder)
    trainer = Trainer(networks, optimisers, params.losses, perceptual, precision, chosen.chunk_frames, chosen.parts)
    with alive:
        trainer.clip(batch, pictures, 0, [1.0] * math.ceil(chosen.clip_frames / chosen.chunk_frames))
    return alive.now / GB, alive.most / GB


def own_peak(profile_name: str, stage: str) -> float:
    """Peak resident set, GB, of a process that trains a stage in bf16."""
    code = f"from training_memory import *; peak(profile({profile_name!r}), {stage!r}, BF16)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / GB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", nargs="+", default=["laptop", "paper"], choices=["laptop", "paper"])
    chosen = parser.parse_args().profiles
    print(processor())
    report = {}
    for name in chosen:
        params, most = profile(name), 0.0
        for stage in ("pretrain", "finetune"):
            for precision in (BF16, FP32):
                stays, top = peak(params, stage, precision)
                print(f"{name} {stage} {precision.name}: {top:.2f} GB at most, {stays:.2f} GB of it stay", flush=True)
                if name == "paper" and precision is BF16:
                    most = max(most, top + RESERVE_GB)
        if name == "laptop":
            most = max(own_peak(name, stage) for stage in ("pretrain", "finetune"))
        key = f"{name}_{'gpu' if name == 'paper' else 'process'}_gb"
        report[key] = {"value": round(most, 2), "goal": GOALS[name], "op": "<=", "met": most <= GOALS[name]}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
