"""Which number format trains fastest here: measured, since CPUs with the same flags differ a lot."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from h2h.models.generator import Generator

log = logging.getLogger("h2h")
REPEATS = 3
MARGIN = 0.9  # bf16 must be at least this much quicker to be worth its rounding


@dataclass(frozen=True)
class Precision:
    """How the networks run: autocast to bf16 or float32; both with channels-last pictures."""

    autocast: torch.dtype | None

    @property
    def name(self) -> str:
        """bf16 or fp32."""
        return "fp32" if self.autocast is None else "bf16"


FP32 = Precision(None)
BF16 = Precision(torch.bfloat16)


def choose_precision(requested: str, device: torch.device) -> Precision:
    """The precision to train in.

    Args:
        requested: "fp32", "bf16", or "auto": a short measurement decides. Without hardware support (bf16
            flags of the CPU) nothing is measured, as emulated bf16 is always slower.
        device: where the training runs.
    """
    if requested != "auto":
        return BF16 if requested == "bf16" else FP32
    if not _hardware_bf16(device):
        return FP32
    seconds = {p.name: step_seconds(p, device) for p in (FP32, BF16)}
    chosen = BF16 if seconds["bf16"] < MARGIN * seconds["fp32"] else FP32
    log.info("precision %s (a small step: fp32 %.3f s, bf16 %.3f s)", chosen.name, seconds["fp32"], seconds["bf16"])
    return chosen


def step_seconds(precision: Precision, device: torch.device, size: int = 64, filters: int = 32) -> float:
    """Seconds of one forward and backward pass of a small generator, the quickest of a few."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Generator(3, filters, 1, 1, None).to(device, memory_format=torch.channels_last)
        x, previous = (torch.randn(2, c, size, size, device=device) for c in (9, 6))
    quickest = float("inf")
    for _ in range(REPEATS + 1):  # the first one warms up
        began = time.perf_counter()
        _forward_backward(network, x, previous, precision)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        quickest = min(quickest, time.perf_counter() - began)
    return quickest


def _forward_backward(network: Generator, x: Tensor, previous: Tensor, precision: Precision) -> None:
    with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=precision.autocast is not None):
        frame, mask = network(x, previous)
    (frame.square().mean() + mask.mean()).backward()


def _hardware_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    flags = Path("/proc/cpuinfo")
    if not flags.exists():
        return True  # no hint: measure
    text = flags.read_text(encoding="utf-8", errors="replace")
    return any(flag in text for flag in ("amx_bf16", "avx512_bf16", " bf16"))
