import numpy as np
import pytest
import torch

from h2h.flow.flownet2_flow import FlowNet2Flow
from h2h.flow.frame_pair import predict_flow
from h2h.flow.variants import build_flownet


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build_flownet("s", 0.05)


def test_a_batch_is_its_pairs_one_by_one_and_uint8_is_0_to_255(network):
    frames = np.random.default_rng(0).integers(0, 256, (4, 40, 72, 3)).astype(np.uint8)
    flow = FlowNet2Flow(network, batch=2)(frames[:-1], frames[1:])
    assert flow.shape == (3, 40, 72, 2) and flow.dtype == np.float32
    for first, second, wanted in zip(frames[:-1], frames[1:], flow, strict=True):
        alone = FlowNet2Flow(network)(first.astype(np.float64), second.astype(np.float64))
        np.testing.assert_allclose(alone, wanted, atol=1e-4)


def test_it_is_the_networks_flow_from_first_to_second(network):
    first, second = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    tensors = [torch.from_numpy(f).permute(2, 0, 1)[None].float() for f in (first, second)]
    with torch.no_grad():
        wanted = predict_flow(network, *tensors)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(FlowNet2Flow(network)(first, second), wanted, atol=1e-5)
    assert np.abs(FlowNet2Flow(network)(second, first) - wanted).max() > 1e-3
