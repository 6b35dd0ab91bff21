"""A network in 8 bits computes what its definition says, in every runtime, and close to the network itself."""

import copy

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from h2h.models.generator import Generator
from h2h.models.int8_form import inner_convolutions, input_peaks, to_int8
from h2h.models.normalisation import InstanceNorm
from h2h.models.onnx_form import to_onnx
from h2h.models.runtimes import OnnxRuntime, OpenVino


def inner_layers(network):
    """In the order in which they are used."""
    return [
        layer
        for layer in network.modules()
        if isinstance(layer, nn.ConvTranspose2d) or (isinstance(layer, nn.Conv2d) and layer.padding_mode == "zeros")
    ]


class Rounded:
    """Plain reference: rounds the input and the weights of a layer of torch as the int8 form does."""

    def __init__(self, layer, peak):
        axis = 0 if isinstance(layer, nn.Conv2d) else 1
        weight = layer.weight.detach().movedim(axis, 0)
        for channel in weight:  # a view: written in place
            scale = channel.abs().max() / 127
            channel.copy_(torch.round(channel / scale) * scale)
        self.peak = peak
        layer.register_forward_pre_hook(self)

    def __call__(self, layer, inputs):
        (x,) = inputs
        self.unsigned = bool((x >= 0).all())
        top, bottom = (255, 0) if self.unsigned else (127, -128)
        step = self.peak / top
        return (torch.clamp(torch.round(x / step), bottom, top) * step,)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    made = Generator(6, 8, 2, 1, 1, None).eval()
    for layer in (m for m in made.modules() if isinstance(m, InstanceNorm)):
        nn.init.normal_(layer.gamma, 1, 0.2)
        nn.init.normal_(layer.beta, 0, 0.2)
    return made


@pytest.fixture(scope="module")
def samples(network):
    rng = np.random.default_rng(0)
    channels = 6 * network.condition_frames, 3 * network.history_frames
    return [tuple(rng.uniform(-1, 1, (1, c, 32, 32)).astype(np.float32) for c in channels) for _ in range(3)]


@pytest.fixture(scope="module")
def exported(network, samples):
    model = to_onnx(network, 32)
    return model, input_peaks(model, samples)


@torch.inference_mode()
def drawn(network, condition, history):
    return [x.numpy() for x in network(torch.from_numpy(condition), torch.from_numpy(history))]


def test_peaks_are_the_largest_inputs(network, samples, exported):
    model, peaks = exported
    layers = inner_layers(network)
    assert len(peaks) == len(layers) == len(inner_convolutions(onnx.load_model_from_string(model)))
    seen = np.zeros(len(layers))

    def watch(k):
        return lambda layer, inputs: seen.__setitem__(k, max(seen[k], inputs[0].abs().max().item()))

    hooks = [layer.register_forward_pre_hook(watch(k)) for k, layer in enumerate(layers)]
    for pair in samples:
        drawn(network, *pair)
    for hook in hooks:
        hook.remove()
    np.testing.assert_allclose(peaks, seen, rtol=1e-4)


def test_it_rounds_as_the_reference(network, samples, exported):
    model, peaks = exported
    reference = copy.deepcopy(network)
    rounded = [Rounded(layer, peak) for layer, peak in zip(inner_layers(reference), peaks, strict=True)]
    run = OnnxRuntime(to_int8(model, peaks), 1)
    for pair in samples:
        wanted, plain = drawn(reference, *pair), drawn(network, *pair)
        for found, rounds, exact in zip(run(*pair), wanted, plain, strict=True):
            # not the same: a sum at the border of two steps may fall to either side
            assert np.abs(found - rounds).mean() < 0.3 * np.abs(rounds - exact).mean()
    assert {part.unsigned for part in rounded} == {True, False}  # both kinds of input occur


def test_close_to_the_network_itself(network, samples, exported):
    model, peaks = exported
    run = OpenVino(to_int8(model, peaks), 1)
    for pair in samples:
        for found, wanted in zip(run(*pair), drawn(network, *pair), strict=True):
            assert np.abs(found - wanted).mean() < 0.05 and found.dtype == np.float32


def test_the_layers_at_the_pictures_stay_as_they_are(exported):
    model, peaks = exported
    before, after = (onnx.load_model_from_string(x).graph for x in (model, to_int8(model, peaks)))
    kinds = [node.op_type for node in after.node]
    convolutions = [node for node in after.node if node.op_type in ("Conv", "ConvTranspose")]
    assert len(convolutions) == len(peaks) + 3 and kinds.count("QuantizeLinear") == len(peaks)
    shapes = {tensor.name: numpy_helper.to_array(tensor) for tensor in after.initializer}
    wide = [node for node in convolutions if node.input[1] in shapes]
    assert [shapes[node.input[1]].shape[-1] for node in wide] == [7, 7, 7]
    size = [sum(numpy_helper.to_array(t).nbytes for t in graph.initializer) for graph in (before, after)]
    inner = sum(values.size for name, values in shapes.items() if name.endswith(".codes"))
    assert size[1] < size[0] - 2.9 * inner  # float weights of the inner ones are gone


@pytest.mark.parametrize("peaks", [[], [1.0], *([peak] * 12 for peak in (0.0, 1e-7, 1e7, float("nan"), float("inf")))])
def test_wrong_peaks_are_refused(exported, peaks):
    assert len(exported[1]) == 12
    with pytest.raises(ValueError, match="12 peaks from 1e-06 to 1e"):
        to_int8(exported[0], peaks)


def altered(model, change):
    network = onnx.load_model_from_string(model)
    change(network, inner_convolutions(network)[0])
    return network.SerializeToString()


def compute_weight(network, node):
    shape = next(tensor.dims for tensor in network.graph.initializer if tensor.name == node.input[1])
    network.graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), "shape"))
    network.graph.node.insert(0, onnx.helper.make_node("Reshape", [node.input[1], "shape"], ["computed"]))
    node.input[1] = "computed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (compute_weight, "computed"),
        (lambda network, node: setattr(network.opset_import[0], "version", 12), "before version 13"),
        (lambda network, node: setattr(network.graph.initializer[0], "name", f"{node.output[0]}.step"), "names"),
    ],
)
def test_models_that_are_not_ours_are_refused(exported, change, said):
    model, peaks = exported
    with pytest.raises(ValueError, match=said):
        to_int8(altered(model, change), peaks)


def test_weights_that_are_all_zero(samples):
    network = Generator(6, 8, 2, 1, 1, None).eval()
    with torch.no_grad():
        for layer in inner_layers(network):
            layer.weight.zero_()
    model = to_onnx(network, 32)
    run = OnnxRuntime(to_int8(model, input_peaks(model, samples)), 1)
    for found, wanted in zip(run(*samples[0]), drawn(network, *samples[0]), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-4)
