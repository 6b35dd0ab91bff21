"""An exported generator whose inner convolutions multiply whole numbers of 8 bits (Jacob et al. 2018).

CPUs with AVX-512 VNNI or AMX do so twice as fast as in bf16. Between convolutions, in the norms, all stays floating.
The first layers of the encoders and the last of the decoder, which meet the pictures themselves, stay so too: with the
previous frames in 8 bits errors would build up from frame to frame, and these layers cost little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

CONVOLUTIONS = {"Conv": 0, "ConvTranspose": 1}  # and the axis of their weights' output channels
SMALLEST, LARGEST = 1e-6, 1e6  # of a peak: its steps must be numbers that float32 can divide by
# tensors beside each convolution's output
NEW = ("codes", "scales", "step", "zero", "zeros", "rounded", "data", "weight")
OPSET = 13  # the first with a scale a channel


def inner_convolutions(model: onnx.ModelProto) -> list[NodeProto]:
    """The convolutions that become 8-bit ones: all whose input is not a padded picture, in the file's order."""
    maker = {name: node.op_type for node in model.graph.node for name in node.output}
    return [node for node in model.graph.node if node.op_type in CONVOLUTIONS and maker.get(node.input[0]) != "Pad"]


def check_peaks(network: onnx.ModelProto, peaks: Sequence[float]) -> None:
    """Whether `to_int8` can take them; the model and they may come from somebody else.

    Raises:
        ValueError: there is not one number in range for each inner convolution, or the model is not like our exports.
    """
    inner, graph = inner_convolutions(network), network.graph
    if len(peaks) != len(inner) or not all(SMALLEST <= peak <= LARGEST for peak in peaks):
        raise ValueError(
            f"{len(inner)} peaks from {SMALLEST:g} to {LARGEST:g} are needed, one for each inner convolution; "
            f"there are {len(peaks)}"
        )
    if any(entry.version < OPSET for entry in network.opset_import):
        raise ValueError(f"ONNX before version {OPSET} has no 8-bit form")
    given = {tensor.name for tensor in graph.initializer}
    if any(node.input[1] not in given for node in inner):
        raise ValueError("the weights of an inner convolution are computed")
    taken = given | {name for node in graph.node for name in (*node.input, *node.output)}
    if any(f"{node.output[0]}.{part}" in taken for node in inner for part in NEW):
        raise ValueError("its names are those of an 8-bit form")


def input_peaks(model: bytes, samples: Iterable[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """The largest absolute value that each inner convolution is given.

    Args:
        model: from `h2h.models.onnx_form.to_onnx`.
        samples: condition and history of frames as they come in use, float32, as the model takes them.

    Returns:
        One number a convolution, as `to_int8` takes them.
    """
    import onnxruntime

    network = onnx.load_model_from_string(model)
    watched = [node.input[0] for node in inner_convolutions(network)]
    network.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in dict.fromkeys(watched))
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    taken = [entry.name for entry in session.get_inputs()]
    peaks = np.full(len(watched), SMALLEST)
    for condition, history in samples:
        given = {"condition": condition, "history": history}
        found = session.run(watched, {name: given[name] for name in taken})
        peaks = np.maximum(peaks, [np.abs(values).max() for values in found])
    return np.clip(peaks, SMALLEST, LARGEST).tolist()


def to_int8(model: bytes, peaks: Sequence[float]) -> bytes:
    """The same model with 8-bit inner convolutions: weights with a scale a channel, inputs with one scale each.

    An input from a ReLU is unsigned, any other signed; zero stays zero in both, so that padding is exact. The
    numbers are written as ONNX's QuantizeLinear and DequantizeLinear, which runtimes fuse into the convolutions.

    Args:
        model: from `h2h.models.onnx_form.to_onnx`.
        peaks: from `input_peaks`; larger inputs are cut off there.

    Raises:
        ValueError: see `check_peaks`.
    """
    network = onnx.load_model_from_string(model)
    check_peaks(network, peaks)
    inner, graph = inner_convolutions(network), network.graph
    peak_of = {node.output[0]: peak for node, peak in zip(inner, peaks, strict=True)}
    rectified = {name for node in graph.node if node.op_type == "Relu" for name in node.output}
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[NodeProto] = []
    for node in graph.node:
        peak = peak_of.get(node.output[0])
        if peak is not None:
            data, weight = node.input[0], node.input[1]
            codes, scales = _weight_codes(numpy_helper.to_array(tensors[weight]), CONVOLUTIONS[node.op_type])
            zero = np.uint8(0) if data in rectified else np.int8(0)
            step = np.float32(peak / np.iinfo(zero.dtype).max)
            name = node.output[0]  # of everything that is new here: two convolutions may share an input
            for key, values in {"codes": codes, "scales": scales, "step": step, "zero": zero}.items():
                tensors[f"{name}.{key}"] = _tensor(f"{name}.{key}", values)
            tensors[f"{name}.zeros"] = _tensor(f"{name}.zeros", np.zeros(len(scales), np.int8))
            nodes += [
                helper.make_node("QuantizeLinear", [data, f"{name}.step", f"{name}.zero"], [f"{name}.rounded"]),
                helper.make_node(
                    "DequantizeLinear", [f"{name}.rounded", f"{name}.step", f"{name}.zero"], [f"{name}.data"]
                ),
                helper.make_node(
                    "DequantizeLinear",
                    [f"{name}.codes", f"{name}.scales", f"{name}.zeros"],
                    [f"{name}.weight"],
                    axis=CONVOLUTIONS[node.op_type],
                ),
            ]
            node.input[0], node.input[1] = f"{name}.data", f"{name}.weight"
        nodes.append(node)
    used = {name for node in nodes for name in node.input}
    changed = helper.make_graph(
        nodes, graph.name, graph.input, graph.output, [tensor for name, tensor in tensors.items() if name in used]
    )
    network.graph.CopyFrom(changed)
    return network.SerializeToString(deterministic=True)


def _weight_codes(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights as int8 in [-127, 127], and the float32 scale of each output channel."""
    others = tuple(i for i in range(weight.ndim) if i != axis)
    scales = (np.maximum(np.abs(weight).max(axis=others), SMALLEST) / 127).astype(np.float32)
    shape = [-1 if i == axis else 1 for i in range(weight.ndim)]
    return np.clip(np.rint(weight / scales.reshape(shape)), -127, 127).astype(np.int8), scales


def _tensor(name: str, values: np.ndarray | np.generic) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)
