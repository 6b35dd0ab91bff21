"""What both training stages set up alike: device, precision, losses, optimisers, snapshot."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from h2h.config.learning import Compute, Losses, Optimiser
from h2h.errors import MissingAsset, Rejected
from h2h.losses.perceptual import PerceptualLoss, efficientnet_lite0_loss, vgg19_loss
from h2h.models.x2face import X2Face
from h2h.training import distributed
from h2h.training.clips import Person
from h2h.training.curves import Diary
from h2h.training.device import pick_device, use_threads
from h2h.training.loop import train
from h2h.training.networks import Networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import resumed_precision
from h2h.training.resume import Snapshot, fingerprint
from h2h.training.schedule import Schedule, growing
from h2h.training.step import Trainer
from h2h.training.x2face_step import X2FaceTrainer

log = logging.getLogger("h2h")
SHORTEST_CLIP = 3  # two frames of history and a new one


def perceptual_network(losses: Losses) -> str:
    """The network of the perceptual losses that "auto" means on this machine.

    Raises:
        MissingAsset: VGG19 is asked for by name and its weights are not there.
    """
    weights = Path(losses.vgg_weights)
    if losses.perceptual_network == "vgg19" and not weights.exists():
        raise MissingAsset(
            weights.name, "torchvision's model zoo", str(weights), "losses.perceptual_network: efficientnet_lite0"
        )
    if losses.perceptual_network == "auto":
        return "vgg19" if weights.exists() else "efficientnet_lite0"
    return losses.perceptual_network


def build_perceptual(losses: Losses) -> PerceptualLoss | None:
    """The network of the perceptual losses; None if they have no weight.

    Raises:
        MissingAsset: see `perceptual_network`.
    """
    if not (losses.perceptual or losses.close_up):
        return None
    if perceptual_network(losses) == "vgg19":
        return vgg19_loss(Path(losses.vgg_weights))
    return efficientnet_lite0_loss()


def clip_lengths(people: Sequence[Person], wanted: int, last: int) -> tuple[list[Person], list[int]]:
    """Who can be trained on, and with clips of how many frames: from `wanted` on they double up to `last`.

    People without a run of `wanted` frames are left out; if that leaves nobody, the clips become as short
    as the longest run. They grow as far as at least half of the people have runs of that length, from whom the longer
    ones then come: a single long video would otherwise be all that a part of the training sees.

    Raises:
        Rejected: nobody has three consecutive tracked frames.
    """
    long_enough = [p for p in people if p.longest >= wanted]
    for person in people:
        if person not in long_enough:
            log.warning("%s: no %d consecutive tracked frames (at most %d)", person.name, wanted, person.longest)
    if long_enough:
        runs = sorted((p.longest for p in long_enough), reverse=True)
        return long_enough, growing(wanted, last, runs[(len(runs) - 1) // 2])
    length = max((p.longest for p in people), default=0)
    if length < SHORTEST_CLIP:
        names = ", ".join(p.name for p in people) or "nobody"
        raise Rejected(
            f"{names}: no {SHORTEST_CLIP} consecutive training frames in which the face was tracked",
            "use a clip that shows the face without interruption",
        )
    return [p for p in people if p.longest >= length], [length]


def run_training(
    networks: Networks,
    people: Sequence[Person],
    settings: Optimiser,
    losses: Losses,
    compute: Compute,
    *,
    seed: int,
    lengths: list[int],
    embedding_frames: int = 0,
    lr_embedder: float | None = None,
    snapshot_path: Path,
    mark: str,
    title: str,
    diary: Callable[[int], AbstractContextManager[Diary]] | None = None,
) -> dict[str, Any]:
    """Train the networks, in place.

    Args:
        networks: with their starting weights.
        people: whose clips.
        settings: the stage's section.
        losses: kinds and weights.
        compute: precision and threads.
        seed: of all draws.
        lengths: frames of the clips, one phase after the other.
        embedding_frames: M.
        lr_embedder: the embedder's rate, if there is one.
        snapshot_path: hidden file for resuming; whoever has written the result removes it.
        mark: fingerprint of this training.
        title: for the progress bar.
        diary: see `train`.

    Returns:
        For the card: steps, precision and the loss curves.
    """
    use_threads(compute.threads)
    device = distributed.join() or pick_device()
    dynamics = networks.dynamics
    if dynamics is not None and dynamics.span(len(dynamics.strides) - 1) > max(lengths):
        log.warning(
            "clips of %d frames are too short for the slowest temporal scale of the dynamics discriminator",
            max(lengths),
        )
    networks.to(device, channels_last=True)
    warps = isinstance(networks.generator, X2Face)
    perceptual = None if warps else build_perceptual(losses)
    if perceptual is not None:
        perceptual.to(device, memory_format=torch.channels_last)
    distributed.agree(networks.items().values())
    if compute.compile:
        networks.generator.compile()
    learned_from = None if perceptual is None else perceptual_network(losses)  # weights may arrive in between
    snapshot = Snapshot(snapshot_path, fingerprint([mark, learned_from]))
    precision = resumed_precision(snapshot, compute.precision, device)
    optimisers = Optimisers.of(networks, settings.lr_generator, settings.lr_discriminator, lr_embedder)
    average = None
    if settings.average:
        average = AveragedModel(networks.generator, multi_avg_fn=get_ema_multi_avg_fn(settings.average))
    trainer = (X2FaceTrainer if warps else Trainer)(
        networks,
        optimisers,
        losses,
        perceptual,
        precision,
        settings.chunk_frames,
        settings.parts,
        settings.gradient_frames,
        average,
    )
    frames = sum(p.frames for p in people)
    schedule = Schedule.of(
        frames,
        settings.epochs,
        settings.batch,
        lengths,
        settings.chunk_frames,
        settings.decay_fraction,
        settings.warmup_fraction,
    )
    curves = train(
        trainer,
        people,
        schedule,
        batch=settings.batch,
        seed=seed,
        augment=settings.augment,
        embedding_frames=embedding_frames,
        snapshot=snapshot,
        diary=diary,
        title=title,
    )
    if average is not None:
        networks.generator.load_state_dict(average.module.state_dict())
    processes = distributed.size()
    distributed.leave()
    return {
        "clips": schedule.clips,
        "steps": schedule.steps,
        "clip_frames": lengths[0] if len(lengths) == 1 else lengths,
        "precision": precision.name,
        "processes": processes,
        "curves": curves,
    }
