"""What both trainings of flow networks set up alike: device, precision, optimiser, snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from h2h.config.flow_learning import FlowOptimiser
from h2h.config.learning import Compute
from h2h.flow_training.loop import train_flow
from h2h.flow_training.pairs import Pairs
from h2h.flow_training.trainer import FlowTrainer
from h2h.training.curves import Diary
from h2h.training.device import pick_device
from h2h.training.precision import resumed_precision
from h2h.training.resume import Snapshot


def run_flow_training(
    network: nn.Module,
    draw: Callable[[int], Pairs],
    settings: FlowOptimiser,
    compute: Compute,
    *,
    parts: Mapping[str, float],
    snapshot_path: Path,
    mark: str,
    title: str,
    diary: Callable[[int], AbstractContextManager[Diary]] | None = None,
) -> dict[str, Any]:
    """Train a network, in place, and remove the snapshot; it is left on its device.

    Args:
        network: with its starting weights.
        draw: the pairs of a step.
        settings: the stage's section.
        compute: precision.
        parts: weight of the error of each part whose flow is known.
        snapshot_path: hidden file for resuming; whoever has written the result removes it.
        mark: fingerprint of this training.
        title: for the progress bar.
        diary: see `train_flow`.

    Returns:
        For the card: steps, precision and the loss curves.
    """
    device = pick_device()
    network.to(device, memory_format=torch.channels_last)
    snapshot = Snapshot(snapshot_path, mark)
    precision = resumed_precision(snapshot, compute.precision, device)
    optimiser = torch.optim.Adam(network.parameters(), settings.lr, weight_decay=settings.weight_decay, fused=True)
    trainer = FlowTrainer(network, optimiser, precision, parts, settings.scales, settings.largest_gradient)
    curves = train_flow(
        trainer,
        lambda number: draw(number).to(device),
        settings.steps,
        settings.warmup_fraction,
        snapshot=snapshot,
        diary=diary,
        title=title,
    )
    return {"steps": settings.steps, "precision": precision.name, "curves": curves}
