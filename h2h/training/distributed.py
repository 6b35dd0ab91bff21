"""Data-parallel training: every process works on its share of a batch, and all step with the mean gradient.

`compute.processes` (or `torchrun`) starts the processes; gloo connects CPUs, NCCL GPUs. The draws are those of one
process with the whole batch, so that the gradients are its gradients, up to the order of summation.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from h2h.errors import UserError

PATIENCE = timedelta(minutes=30)  # the first process may be busy writing a snapshot to a slow disk


def rank() -> int:
    """Which of the processes this is; 0 alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many there are; 1 alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def join() -> torch.device | None:
    """Join the group that `torchrun` announces; returns the device of this process, None outside of a group."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return None
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if torch.cuda.is_available() and local >= torch.cuda.device_count():
        raise UserError(
            f"{local + 1} processes or more share {torch.cuda.device_count()} GPUs",
            "set compute.processes to the number of GPUs",
        )
    device = torch.device("cuda", local) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    return device


def agree(networks: Iterable[nn.Module]) -> None:
    """Give all processes the weights of the first."""
    if size() > 1:
        for network in networks:
            for value in network.state_dict().values():
                dist.broadcast(value, 0)


def first_says(value: int) -> int:
    """The first process' value, in all of them."""
    if size() == 1:
        return value
    said = torch.tensor([value], device="cuda" if dist.get_backend() == "nccl" else "cpu")
    dist.broadcast(said, 0)
    return int(said)


def leave() -> None:
    """Leave the group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def share(batch: int) -> range:
    """The places of a batch that are this process'.

    Raises:
        UserError: the batch cannot be divided evenly, which would weigh its clips differently.
    """
    if batch % size():
        raise UserError(
            f"a batch of {batch} clips cannot be shared by {size()} processes evenly",
            "set pretrain.batch and finetune.batch to multiples of compute.processes",
        )
    each = batch // size()
    return range(rank() * each, (rank() + 1) * each)


def average(gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
    """The mean over the processes of every gradient; None stays, as a parameter is unused in all or in none."""
    if size() == 1:
        return list(gradients)
    there = [g for g in gradients if g is not None]
    if not there:
        return list(gradients)
    flat = torch.cat([g.reshape(-1).float() for g in there])
    dist.all_reduce(flat)
    parts = iter(torch.split(flat / size(), [g.numel() for g in there]))
    return [None if g is None else next(parts).view_as(g).to(g.dtype) for g in gradients]


def average_values(values: dict[str, float]) -> dict[str, float]:
    """The mean over the processes of every logged loss; all log the same names."""
    if size() == 1 or not values:
        return values
    names = sorted(values)
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    flat = torch.tensor([values[name] for name in names], dtype=torch.float64, device=device)
    dist.all_reduce(flat)
    return dict(zip(names, (flat / size()).tolist(), strict=True))
