"""The layers of the FlowNet2 family, and how the stack joins them."""

import pytest
import torch
from loop_reference import loop_channel_norm, loop_resample
from plain_flownets import Plain
from torch import nn
from torch.nn import functional as F

from h2h.flow.flownet2 import FlowNet2
from h2h.flow.flownet_c import FlowNetC
from h2h.flow.flownet_fusion import FlowNetFusion
from h2h.flow.flownet_s import FlowNetS
from h2h.flow.flownet_sd import FlowNetSD
from h2h.flow.frame_pair import predict_pyramid
from h2h.flow.variants import VARIANTS, build_flownet

NARROW = 0.05

# The official networks: layer -> (inputs, outputs, kernel).
DEEP = {
    "conv4": (256, 512, 3),
    "conv4_1": (512, 512, 3),
    "conv5": (512, 512, 3),
    "conv5_1": (512, 512, 3),
    "conv6": (512, 1024, 3),
    "conv6_1": (1024, 1024, 3),
    "deconv5": (1024, 512, 4),
    "deconv4": (1026, 256, 4),
    "deconv3": (770, 128, 4),
    "deconv2": (386, 64, 4),
    "predict_flow6": (1024, 2, 3),
    "upsampled_flow6_to_5": (2, 2, 4),
    "upsampled_flow5_to_4": (2, 2, 4),
    "upsampled_flow4_to_3": (2, 2, 4),
    "upsampled_flow3_to_2": (2, 2, 4),
}
DIRECT = {
    "predict_flow5": (1026, 2, 3),
    "predict_flow4": (770, 2, 3),
    "predict_flow3": (386, 2, 3),
    "predict_flow2": (194, 2, 3),
}
SIMPLE = {"conv2": (64, 128, 5), "conv3": (128, 256, 5), "conv3_1": (256, 256, 3)} | DEEP | DIRECT
LAYERS = {
    "c": SIMPLE | {"conv1": (3, 64, 7), "conv_redir": (256, 32, 1), "conv3_1": (473, 256, 3)},
    "s": SIMPLE | {"conv1": (6, 64, 7)},
    "s in the stack": SIMPLE | {"conv1": (12, 64, 7)},
    "sd": DEEP
    | {
        "conv0": (6, 64, 3),
        "conv1": (64, 64, 3),
        "conv1_1": (64, 128, 3),
        "conv2": (128, 128, 3),
        "conv2_1": (128, 128, 3),
        "conv3": (128, 256, 3),
        "conv3_1": (256, 256, 3),
        "inter_conv5": (1026, 512, 3),
        "inter_conv4": (770, 256, 3),
        "inter_conv3": (386, 128, 3),
        "inter_conv2": (194, 64, 3),
        "predict_flow5": (512, 2, 3),
        "predict_flow4": (256, 2, 3),
        "predict_flow3": (128, 2, 3),
        "predict_flow2": (64, 2, 3),
    },
    "fusion": {
        "conv0": (11, 64, 3),
        "conv1": (64, 64, 3),
        "conv1_1": (64, 128, 3),
        "conv2": (128, 128, 3),
        "conv2_1": (128, 128, 3),
        "deconv1": (128, 32, 4),
        "deconv0": (162, 16, 4),
        "inter_conv1": (162, 32, 3),
        "inter_conv0": (82, 16, 3),
        "predict_flow2": (128, 2, 3),
        "predict_flow1": (32, 2, 3),
        "predict_flow0": (16, 2, 3),
        "upsampled_flow2_to_1": (2, 2, 4),
        "upsampled_flow1_to_0": (2, 2, 4),
    },
}


def official_shapes(kind: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes in the official checkpoint of a network."""
    shapes = {}
    for name, (inputs, outputs, kernel) in LAYERS[kind].items():
        bare = name.startswith(("predict", "upsampled"))
        key = name if bare else f"{name}.0"
        transposed = name.startswith(("deconv", "upsampled"))
        shapes[f"{key}.weight"] = (*((inputs, outputs) if transposed else (outputs, inputs)), kernel, kernel)
        if not (name.startswith("upsampled") and kind.startswith("s") and kind != "sd"):
            shapes[f"{key}.bias"] = (outputs,)
    return shapes


def stack_shapes() -> dict[str, tuple[int, ...]]:
    parts = {
        "flownetc": "c",
        "flownets_1": "s in the stack",
        "flownets_2": "s in the stack",
        "flownets_d": "sd",
        "flownetfusion": "fusion",
    }
    return {f"{prefix}.{name}": s for prefix, kind in parts.items() for name, s in official_shapes(kind).items()}


@pytest.mark.parametrize(
    "build, shapes, parameters",
    [
        (FlowNetC, official_shapes("c"), 39_175_298),
        (FlowNetS, official_shapes("s"), 38_676_506),
        (lambda: FlowNetS(inputs=12), official_shapes("s in the stack"), 38_695_322),
        (FlowNetSD, official_shapes("sd"), 45_371_666),
        (FlowNetFusion, official_shapes("fusion"), 581_226),
        (FlowNet2, stack_shapes(), 162_518_834),
    ],
)
def test_names_shapes_and_counts_are_the_official_ones(build, shapes, parameters):
    with torch.device("meta"):
        network = build()
    assert {name: tuple(t.shape) for name, t in network.state_dict().items()} == shapes
    assert sum(p.numel() for p in network.parameters()) == parameters


@pytest.mark.parametrize("variant", VARIANTS)
def test_pyramid_and_gradients_of_a_narrow_network(variant):
    """Flows of all scales, finest first; the loss of all scales reaches every parameter."""
    torch.manual_seed(0)
    network = build_flownet(variant, NARROW)
    frames = [torch.rand(1, 3, 64, 128) * 255 for _ in range(2)]
    flows = predict_pyramid(network, *frames)
    halvings = (0, 1, 2) if variant == "full" else (2, 3, 4, 5, 6)
    assert [tuple(f.shape) for f in flows] == [(1, 2, 64 >> n, 128 >> n) for n in halvings]
    sum(f.square().mean() for f in flows).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize(
    "kind, network", [("c", FlowNetC), ("s", FlowNetS), ("sd", FlowNetSD), ("fusion", FlowNetFusion)]
)
def test_each_network_is_its_layers_written_out(kind, network):
    torch.manual_seed(0)
    built = network(NARROW).double()
    for name, parameter in built.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, 0, 0.1)
    x = torch.randn(2, 11 if kind == "fusion" else 6, 64, 128, dtype=torch.float64)
    with torch.no_grad():
        found, wanted = built(x), getattr(Plain(built.state_dict()), kind)(x)
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b)


class Known(nn.Module):
    """In the place of a network: gives a flow, remembers its input."""

    def __init__(self, flow: torch.Tensor, unit: float):
        super().__init__()
        self.flow, self.unit = flow, unit

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        self.seen = x
        return [self.flow, self.flow[..., ::2, ::2]]


def test_the_stack_joins_its_networks_as_the_official_one():
    torch.manual_seed(0)
    with torch.device("meta"):
        stack = FlowNet2(NARROW)
    flows = [0.1 * torch.randn(1, 2, 2, 3) for _ in range(3)] + [40 * torch.randn(1, 2, 2, 3)]
    stack.flownetc, stack.flownets_1, stack.flownets_2 = (Known(f, FlowNetS.unit) for f in flows[:3])
    stack.flownets_d = Known(flows[3], FlowNetSD.unit)
    stack.flownetfusion = Known(torch.randn(1, 2, 8, 12), 1.0)
    x = torch.randn(1, 6, 8, 12)
    assert stack(x)[0] is stack.flownetfusion.flow
    first, second = x[:, :3], x[:, 3:]

    def with_warped(flow: torch.Tensor) -> torch.Tensor:
        warped = loop_resample(second, flow)
        return torch.cat((first, second, warped, flow / 20, loop_channel_norm(first - warped)), 1)

    to_s1, to_s2 = (F.interpolate(20 * f, scale_factor=4, mode="bilinear") for f in flows[:2])
    large = F.interpolate(20 * flows[2], scale_factor=4, mode="nearest")
    small = F.interpolate(flows[3] / 20, scale_factor=4, mode="nearest")
    assert torch.equal(stack.flownetc.seen, x) and torch.equal(stack.flownets_d.seen, x)
    torch.testing.assert_close(stack.flownets_1.seen, with_warped(to_s1))
    torch.testing.assert_close(stack.flownets_2.seen, with_warped(to_s2))
    lengths = [loop_channel_norm(f) for f in (small, large)]
    errors = [loop_channel_norm(first - loop_resample(second, f)) for f in (small, large)]
    torch.testing.assert_close(stack.flownetfusion.seen, torch.cat((first, small, large, *lengths, *errors), 1))
