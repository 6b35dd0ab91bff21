"""What runs an exported network here, and how quickly."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Iterable, Sequence

import numpy as np

from h2h.evaluation.environment import processor_flags
from h2h.models.int8_form import to_int8
from h2h.models.runtimes import OnnxRuntime, OpenVino, Runtime
from h2h.person.card import RuntimeName

NAMES: tuple[RuntimeName, ...] = ("openvino-int8", "openvino-bf16", "openvino-f32", "onnxruntime-f32")
INT8_FLAGS = {"avx512_vnni", "avx_vnni", "amx_int8"}
ROUNDS = 15


@functools.cache
def available() -> tuple[RuntimeName, ...]:
    """The runtimes that this machine has; bf16 and int8 only where the CPU has instructions for them."""
    try:
        import openvino
    except ImportError:
        return NAMES[-1:]
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    # OpenVINO always claims int8. Without these instructions pairs of products are summed in 16 bits, which overflow.
    missing = {"openvino-int8": not INT8_FLAGS & processor_flags(), "openvino-bf16": "BF16" not in able}
    return tuple(name for name in NAMES if not missing.get(name, False))


def choose(wanted: Iterable[RuntimeName]) -> RuntimeName:
    """The first that this machine has; ONNX Runtime runs anywhere."""
    return next((name for name in wanted if name in available()), NAMES[-1])


def start(name: RuntimeName, model: bytes, threads: int = 0, peaks: Sequence[float] | None = None) -> Runtime:
    """Load a checked model into a runtime.

    Args:
        name: one of `available()`.
        model: ONNX.
        threads: 0 for all cores.
        peaks: of the inner convolutions, for int8.

    Raises:
        ValueError: int8 is asked for, and there are no peaks, or not as many as inner convolutions.
    """
    if name == "onnxruntime-f32":
        return OnnxRuntime(model, threads)
    if name == "openvino-int8":
        model = to_int8(model, peaks or ())
    return OpenVino(model, threads, "f32" if name == "openvino-f32" else "bf16")


def milliseconds(runtimes: dict[RuntimeName, Runtime], example: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """Median of a frame, each. They take turns, so that other jobs disturb all alike; the first turn warms up."""
    spent: dict[str, list[float]] = {name: [] for name in runtimes}
    for _ in range(ROUNDS + 1):
        for name, run in runtimes.items():
            began = time.perf_counter()
            run(*example)
            spent[name].append(1000 * (time.perf_counter() - began))
    return {name: round(statistics.median(values[1:]), 2) for name, values in spent.items()}
