"""Which number format trains fastest here: by what the hardware has, and measured where that does not tell."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from h2h.models.generator import Generator
from h2h.training import distributed
from h2h.training.resume import Snapshot

log = logging.getLogger("h2h")
REPEATS = 3
MARGIN = 0.9  # half the bits must be at least this much quicker to be worth its rounding


@dataclass(frozen=True)
class Precision:
    """How the networks run: autocast to half the bits, or float32; all with channels-last pictures."""

    name: str
    autocast: torch.dtype | None

    def computing(self, device: torch.device) -> torch.autocast:
        """The context in which networks on a device run."""
        return torch.autocast(device.type, self.autocast, enabled=self.autocast is not None)


FP32 = Precision("fp32", None)
BF16 = Precision("bf16", torch.bfloat16)
FP16 = Precision("fp16", torch.float16)  # its losses are scaled (`h2h.training.loss_scale`)
PRECISIONS = {precision.name: precision for precision in (FP32, BF16, FP16)}


def choose_precision(requested: str, device: torch.device) -> Precision:
    """The precision to train in.

    Args:
        requested: "fp32", "bf16", "fp16", or "auto": bf16 on GPUs that have it and on CPUs with AMX, where it was
            always the quicker one; float32 on CPUs without hardware support, as emulated bf16 is always slower. In
            between (CPUs with AVX-512 bf16 alone, or that do not tell) a short measurement decides, on older GPUs
            one between float32 and fp16.
        device: where the training runs.
    """
    if requested != "auto":
        return PRECISIONS[requested]
    support = hardware_bf16(device)
    if support:
        return BF16
    if support is False and device.type == "cpu":
        return FP32
    half = BF16 if support is None else FP16
    seconds = step_seconds((FP32, half), device)
    chosen = half if seconds[half.name] < MARGIN * seconds["fp32"] else FP32
    log.info(
        "precision %s (a step: fp32 %.3f s, %s %.3f s)", chosen.name, seconds["fp32"], half.name, seconds[half.name]
    )
    return chosen


def resumed_precision(snapshot: Snapshot, requested: str, device: torch.device) -> Precision:
    """As `choose_precision`, but an interrupted training goes on in its own: measured again it might be another one.

    All processes take the first one's, and the snapshot will tell it.
    """
    before = snapshot.told("precision")
    chosen = PRECISIONS[before] if before in PRECISIONS else choose_precision(requested, device)
    known = list(PRECISIONS.values())
    chosen = known[distributed.first_says(known.index(chosen))]
    snapshot.telling["precision"] = chosen.name
    return chosen


def step_seconds(
    precisions: Sequence[Precision], device: torch.device, size: int = 128, filters: int = 32
) -> dict[str, float]:
    """Seconds of a generator's forward and backward pass by precision: the medians of a few turns.

    They take turns, so that other jobs on the machine disturb all alike, and the pictures are as large as in the
    laptop profile: on small ones other things than the convolutions take the time.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Generator(3, filters, encoder_blocks=1, decoder_blocks=1, embedding=None)
        network.to(device, memory_format=torch.channels_last)
        x, previous = (torch.randn(2, c, size, size, device=device) for c in (9, 6))
    seconds: dict[str, list[float]] = {precision.name: [] for precision in precisions}
    for _ in range(REPEATS + 1):  # the first one warms up
        for precision in precisions:
            began = time.perf_counter()
            _forward_backward(network, x, previous, precision)
            seconds[precision.name].append(time.perf_counter() - began)
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def _forward_backward(network: Generator, x: Tensor, previous: Tensor, precision: Precision) -> None:
    with precision.computing(x.device):
        frame, mask = network(x, previous)
    (frame.square().mean() + mask.mean()).backward()


def hardware_bf16(device: torch.device, cpuinfo: Path = Path("/proc/cpuinfo")) -> bool | None:
    """Whether bf16 is worth it: True or False where that is known, None where only a measurement can tell."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if not cpuinfo.exists():
        return None
    flags = set(cpuinfo.read_text(encoding="utf-8", errors="replace").split())
    if "amx_bf16" in flags:
        return True
    return None if flags & {"avx512_bf16", "bf16"} else False
