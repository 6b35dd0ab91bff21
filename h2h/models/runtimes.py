"""Runs an exported generator without torch: ONNX Runtime anywhere, OpenVINO where it is faster (x86 CPUs)."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np


class Runtime(Protocol):
    """Condition (1, C, S, S) and history (1, 3 H, S, S) to frame (1, 3, S, S) and mask (1, 1, S, S), all float32."""

    def __call__(self, condition: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw a frame."""
        ...


class OnnxRuntime:
    """ONNX Runtime on the CPU, in float32.

    Args:
        model: from `h2h.models.onnx_form.to_onnx`.
        threads: 0 for all cores.
    """

    def __init__(self, model: bytes, threads: int = 0):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    def __call__(self, condition: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime`."""
        given = {"condition": condition, "history": history}
        frame, mask = self._session.run(["frame", "mask"], {name: given[name] for name in self._inputs})
        return frame, mask


class OpenVino:
    """OpenVINO on the CPU.

    Args:
        model: from `h2h.models.onnx_form.to_onnx`.
        threads: 0 for all cores.
        precision: of the computation; bf16 falls back to f32 on a CPU that has no such instructions.
    """

    def __init__(self, model: bytes, threads: int = 0, precision: Literal["f32", "bf16"] = "bf16"):
        import openvino

        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        settings |= {"INFERENCE_NUM_THREADS": str(threads)} if threads else {}
        core = openvino.Core()
        self._compiled = core.compile_model(core.read_model(model, b""), "CPU", settings)
        self._inputs = [port.get_any_name() for port in self._compiled.inputs]
        self._request = self._compiled.create_infer_request()

    def __call__(self, condition: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Runtime`."""
        given = {"condition": condition, "history": history}
        found = self._request.infer({name: given[name] for name in self._inputs}, share_inputs=True)
        return found["frame"], found["mask"]
