"""Crash-safe snapshots of a training: after `kill -9` the same command goes on where it was."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from h2h.errors import UserError
from h2h.io.atomic import replacing
from h2h.io.checkpoint import load_checkpoint, read_description, save_checkpoint
from h2h.training.curves import Curves
from h2h.training.divergence import Watch
from h2h.training.memory_order import laid_out

log = logging.getLogger("h2h")


def fingerprint(value: Any) -> str:
    """A short hash of everything that a training depends on (JSON-able)."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def checksum(groups: dict[str, dict[str, Tensor]], told: dict[str, Any]) -> str:
    """SHA-256 of a state's tensors with their names, and of what is told of it, hex; the same on any device."""
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for group, state in sorted(groups.items()):
        for key, tensor in sorted(state.items()):
            digest.update(f"{group}/{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


class Resumable(Protocol):
    """A training whose state can be kept."""

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Everything that it changes, in named groups."""

    def load(self, groups: dict[str, dict[str, Tensor]]) -> None:
        """Go on from a state."""


class Snapshot:
    """The state of a training on disk.

    Args:
        path: a hidden file beside the stage's output.
        mark: `fingerprint` of the training; a snapshot of another one is not used.
    """

    def __init__(self, path: Path, mark: str):
        self.path = path
        self.mark = mark
        self.telling: dict[str, str] = {}  # choices that were made when the training began, kept with it

    def save(self, training: Resumable, clip: int, curves: Curves, watch: Watch) -> None:
        """Record that `clip` clips are done."""
        groups = training.state()
        told = {"mark": self.mark, "clip": clip, **self.telling, **vars(curves), "watch": watch.state()}
        with replacing(self.path) as temporary:
            save_checkpoint(temporary, groups, {**told, "sum": checksum(groups, told)})

    def restore(self, training: Resumable) -> tuple[int, Curves, Watch]:
        """Load the state into `training`; clips done, curves and what they say, empty without a snapshot."""
        if not self.path.exists():
            return 0, Curves(), Watch()
        try:
            groups, metadata = load_checkpoint(self.path)
        except UserError as error:
            log.warning("%s; starting anew", error.what)
            return 0, Curves(), Watch()
        if metadata.get("mark") != self.mark:
            log.info("the parameters or the data changed since the interrupted training: starting anew")
            return 0, Curves(), Watch()
        if metadata.pop("sum", None) != checksum(groups, metadata):
            log.warning("%s is damaged (its checksum is another one); starting anew", self.path)
            return 0, Curves(), Watch()
        training.load(groups)
        log.info("going on after clip %d of the interrupted training", metadata["clip"])
        return metadata["clip"], Curves(metadata["points"], metadata["recent"]), Watch(metadata.get("watch"))

    def told(self, key: str) -> str | None:
        """A choice of the interrupted training; None without a snapshot of it."""
        try:
            known = read_description(self.path) if self.path.exists() else {}
        except UserError:
            return None  # `restore` says so
        value = known.get(key) if known.get("mark") == self.mark else None
        return value if isinstance(value, str) else None

    def clip(self) -> int:
        """How many clips were done when it was saved."""
        return int(read_description(self.path)["clip"])


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimiser has gathered, as a group of tensors."""
    state = optimiser.state_dict()["state"]
    return {f"{index}.{key}": value for index, entry in state.items() for key, value in entry.items()}


def load_optimiser(optimiser: torch.optim.Optimizer, flat: dict[str, Tensor]) -> None:
    """The inverse of `optimiser_state`, in place."""
    whole = optimiser.state_dict()
    whole["state"] = {}
    for name, value in flat.items():
        index, key = name.split(".", 1)
        whole["state"].setdefault(int(index), {})[key] = value
    optimiser.load_state_dict(whole)
    for parameter, state in optimiser.state.items():
        state.update({k: laid_out(v, parameter) for k, v in state.items() if v.shape == parameter.shape})
