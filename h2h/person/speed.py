"""What runs an exported network here, and how quickly."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Iterable

import numpy as np

from h2h.models.runtimes import OnnxRuntime, OpenVino, Runtime
from h2h.person.card import RuntimeName

NAMES: tuple[RuntimeName, ...] = ("openvino-bf16", "openvino-f32", "onnxruntime-f32")
ROUNDS = 15


@functools.cache
def available() -> tuple[RuntimeName, ...]:
    """The runtimes that this machine has; bf16 only where the CPU has instructions for it."""
    try:
        import openvino
    except ImportError:
        return NAMES[2:]
    bf16 = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return NAMES if bf16 else NAMES[1:]


def choose(wanted: Iterable[RuntimeName]) -> RuntimeName:
    """The first that this machine has; ONNX Runtime runs anywhere."""
    return next((name for name in wanted if name in available()), NAMES[-1])


def start(name: RuntimeName, model: bytes, threads: int = 0) -> Runtime:
    """Load a checked model into a runtime.

    Args:
        name: one of `available()`.
        model: ONNX.
        threads: 0 for all cores.
    """
    if name == "onnxruntime-f32":
        return OnnxRuntime(model, threads)
    return OpenVino(model, threads, "bf16" if name == "openvino-bf16" else "f32")


def milliseconds(runtimes: dict[RuntimeName, Runtime], example: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """Median of a frame, each. They take turns, so that other jobs disturb all alike; the first turn warms up."""
    spent: dict[str, list[float]] = {name: [] for name in runtimes}
    for _ in range(ROUNDS + 1):
        for name, run in runtimes.items():
            began = time.perf_counter()
            run(*example)
            spent[name].append(1000 * (time.perf_counter() - began))
    return {name: round(statistics.median(values[1:]), 2) for name, values in spent.items()}
