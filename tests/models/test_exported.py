"""Exported networks draw what torch draws."""

import numpy as np
import pytest
import torch

from h2h.models.generator import Generator
from h2h.models.normalisation import InstanceNorm
from h2h.models.onnx_form import to_onnx
from h2h.models.runtimes import OnnxRuntime, OpenVino


def generator(**changes):
    torch.manual_seed(0)
    network = Generator(6, 8, 2, 1, 1, None, **changes).eval()
    for layer in (m for m in network.modules() if isinstance(m, InstanceNorm)):
        torch.nn.init.normal_(layer.gamma, 1, 0.2)
        torch.nn.init.normal_(layer.beta, 0, 0.2)
    return network


@pytest.fixture(scope="module")
def exported():
    network = generator(patch=2)
    return network, to_onnx(network, 32)


def example(network):
    rng = np.random.default_rng(0)
    condition = rng.uniform(-1, 1, (1, 6 * network.condition_frames, 32, 32)).astype(np.float32)
    return condition, rng.uniform(-1, 1, (1, 3 * network.history_frames, 32, 32)).astype(np.float32)


@torch.inference_mode()
def drawn(network, condition, history):
    return [x.numpy() for x in network(torch.from_numpy(condition), torch.from_numpy(history))]


@pytest.mark.parametrize(
    ("runtime", "tolerance"),
    [
        (lambda model: OnnxRuntime(model, 1), 1e-4),
        (lambda model: OpenVino(model, 1, "f32"), 1e-4),
        (lambda model: OpenVino(model, 1), 0.06),
    ],
)
def test_runtimes_agree_with_torch(exported, runtime, tolerance):
    network, model = exported
    run = runtime(model)
    for sign in (1, -1):  # a second call does not return the first one's result
        condition, history = (sign * x for x in example(network))
        for found, wanted in zip(run(condition, history), drawn(network, condition, history), strict=True):
            assert found.shape == wanted.shape and found.dtype == np.float32
            np.testing.assert_allclose(found, wanted, atol=tolerance)


def test_a_network_without_history():
    network = generator(condition_frames=1, history_frames=0)
    condition, history = example(network)
    model = to_onnx(network, 32)
    for run in (OnnxRuntime(model, 1), OpenVino(model, 1, "f32")):
        np.testing.assert_allclose(run(condition, history)[0], drawn(network, condition, history)[0], atol=1e-4)


def test_the_original_stays_and_an_identity_feature_is_refused(exported):
    network, _ = exported
    assert any(isinstance(layer, InstanceNorm) for layer in network.modules())
    with pytest.raises(ValueError, match="identity feature"):
        to_onnx(Generator(6, 8, 2, 1, 1, 16), 32)
