"""ONNX models from strangers."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from h2h.models.generator import Generator
from h2h.models.onnx_form import to_onnx
from h2h.models.runtimes import OnnxRuntime
from h2h.person.network import LARGEST_TENSOR, check_network, shapes_of, stripped

SHAPES = shapes_of(16, 3, 1, 1)


def exported(**changes):
    torch.manual_seed(0)
    return to_onnx(Generator(3, 8, 1, 1, 1, None, **changes).eval(), 16)


@pytest.fixture(scope="module")
def model():
    return exported(condition_frames=1, history_frames=1)


def test_our_exports_are_let_through(model):
    check_network(model, *SHAPES)
    check_network(exported(condition_frames=2, history_frames=0, patch=2), *shapes_of(16, 3, 2, 0))


def test_notes_are_stripped_and_nothing_else(model):
    bare = stripped(model)
    assert b"generator.py" in model and b".py" not in bare and len(bare) < len(model)
    check_network(bare, *SHAPES)
    rng = np.random.default_rng(0)
    given = [rng.uniform(-1, 1, shape).astype(np.float32) for shape in SHAPES[0].values()]
    for a, b in zip(OnnxRuntime(bare, 1)(*given), OnnxRuntime(model, 1)(*given), strict=True):
        np.testing.assert_array_equal(a, b)


def elsewhere(network):
    tensor = network.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")


def foreign(network):
    network.graph.node[0].domain = "com.example"


def other_operator(network):
    network.graph.node.append(helper.make_node("RandomNormal", [], ["r"], shape=[4]))


def loop(network):
    node = next(node for node in network.graph.node if node.op_type == "Relu")
    node.attribute.append(helper.make_attribute("body", onnx.GraphProto(name="g")))


def functions(network):
    network.functions.add(name="f", domain="d")


def own_operators(network):
    network.opset_import.add(domain="com.example", version=1)


def not_finite(network):
    tensor = next(t for t in network.graph.initializer if t.data_type == TensorProto.FLOAT)
    values = numpy_helper.to_array(tensor).copy()
    values.ravel()[0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def other_input(network):
    network.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 4


def free_input(network):
    network.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"


def more_outputs(network):
    network.graph.output.append(helper.make_tensor_value_info(network.graph.node[0].output[0], 1, None))


def huge(network):
    """Padded to the size of a town: the file stays small."""
    node = next(node for node in network.graph.node if node.op_type == "Pad")
    pads = np.zeros(8, np.int64)
    pads[6] = pads[7] = LARGEST_TENSOR
    network.graph.initializer.append(numpy_helper.from_array(pads, "pads"))
    node.input[1] = "pads"
    node.ClearField("attribute")


def dangling(network):
    network.graph.node[3].input[0] = "nothing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (elsewhere, "other files"), (foreign, "operator"), (other_operator, "RandomNormal"), (loop, "body"),
        (functions, "of its own"), (own_operators, "of its own"), (not_finite, "not finite"),
        (other_input, "inputs are"), (free_input, "inputs are"), (more_outputs, "outputs are"),
        (huge, "too large|not valid"), (dangling, "not valid"),
    ],
)  # fmt: skip
def test_altered_models_are_refused(model, change, said):
    network = onnx.load_model_from_string(model)
    change(network)
    with pytest.raises(ValueError, match=said):
        check_network(network.SerializeToString(), *SHAPES)


@pytest.mark.parametrize("content", [b"no model", b"\xff" * 1000, b""])
def test_no_model_at_all(content):
    with pytest.raises(ValueError):
        check_network(content, *SHAPES)
