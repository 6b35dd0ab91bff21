"""A person's network as an ONNX model: what it may hold, checked before any runtime sees it.

A model from somebody else is a program. Only the operators that our own exports consist of are let through, none of
them with a body of its own (loops, conditions), no data outside the file, fixed shapes, and no tensor beyond a bound:
what is left can only multiply and add, in a time and memory that its size tells.
"""

from __future__ import annotations

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, numpy_helper

OPERATORS = frozenset(
    {
        "Add", "Concat", "Conv", "ConvTranspose", "DepthToSpace", "InstanceNormalization", "Pad", "Relu", "Reshape",
        "Sigmoid", "Slice", "SpaceToDepth", "Tanh", "Transpose",
    }
)  # fmt: skip
LARGEST_TENSOR = 1 << 27  # values: 512 MB
MOST_NODES = 2000
Shapes = dict[str, tuple[int, ...]]


def shapes_of(size: int, channels: int, condition_frames: int, history_frames: int) -> tuple[Shapes, Shapes]:
    """Names and shapes of a network's inputs and outputs.

    Args:
        size: S, px.
        channels: of one frame's conditional input: NMFC 3, with gaze 6.
        condition_frames: conditional inputs that it sees.
        history_frames: previous outputs that it sees.
    """
    inputs = {
        "condition": (1, channels * condition_frames, size, size),
        "history": (1, 3 * history_frames, size, size),
    }
    return inputs, {"frame": (1, 3, size, size), "mask": (1, 1, size, size)}


def check_network(model: bytes, inputs: Shapes, outputs: Shapes) -> None:
    """Refuse everything that a generator of ours is not.

    Args:
        model: the ONNX file's contents.
        inputs, outputs: from `shapes_of`.

    Raises:
        ValueError: what is wrong, in words for the one who got the file.
    """
    try:
        network = onnx.load_model_from_string(model)
    except DecodeError:
        raise ValueError("it is no ONNX model") from None
    graph = network.graph
    if network.functions or network.training_info or any(entry.domain for entry in network.opset_import):
        raise ValueError("it brings functions or operators of its own")
    if len(graph.node) > MOST_NODES or graph.sparse_initializer or graph.quantization_annotation:
        raise ValueError("it is not made of the parts of a generator")
    tensors = list(graph.initializer)
    for node in graph.node:
        if node.domain or node.op_type not in OPERATORS:
            raise ValueError(f"it uses the operator {node.domain[:40]!r} {node.op_type[:40]!r}")
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs or attribute.HasField("t") or attribute.tensors:
                raise ValueError(f"its operator {node.op_type} has a body or a tensor inside")
    for tensor in tensors:
        if tensor.external_data or tensor.data_location == TensorProto.EXTERNAL:
            raise ValueError("it wants to read other files")
    _check_ports("input", graph.input, inputs)
    _check_ports("output", graph.output, outputs)
    try:
        onnx.checker.check_model(network)
        del graph.value_info[:]  # what a file says of its own shapes is not believed
        inferred = onnx.shape_inference.infer_shapes(network, check_type=True, strict_mode=True, data_prop=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ValueError) as error:
        raise ValueError(f"it is not valid: {str(error).splitlines()[0][:200]}") from None
    _check_sizes(inferred.graph)
    for tensor in tensors:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError("its weights hold values that are not finite")


def stripped(model: bytes) -> bytes:
    """The same model without notes: exporters write this machine's paths and stack traces into it."""
    network = onnx.load_model_from_string(model)
    network.doc_string = ""
    del network.metadata_props[:]
    graph = network.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    del graph.value_info[:]
    graph.name = "generator"
    return network.SerializeToString(deterministic=True)


def _check_ports(what: str, found: list[onnx.ValueInfoProto], wanted: Shapes) -> None:
    shapes = {port.name: _shape(port) for port in found if port.type.tensor_type.elem_type == TensorProto.FLOAT}
    if len(found) != len(wanted) or shapes != wanted:
        raise ValueError(f"its {what}s are {str(shapes)[:200]}, by its description {wanted}")


def _check_sizes(graph: onnx.GraphProto) -> None:
    known = {value.name: _shape(value) for value in (*graph.value_info, *graph.output)}
    for node in graph.node:
        for name in node.output:
            shape = known.get(name)
            if shape is None or min(shape, default=1) < 0:
                raise ValueError(f"the size of what its operator {node.op_type} gives is not fixed")
            if int(np.prod(shape, dtype=object)) > LARGEST_TENSOR:
                raise ValueError(f"its operator {node.op_type} gives {shape}, too large")


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """-1 where a dimension is not fixed."""
    dimensions = value.type.tensor_type.shape.dim
    return tuple(d.dim_value if d.HasField("dim_value") else -1 for d in dimensions)
