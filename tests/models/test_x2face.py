import pytest
import torch
from torch.nn import functional as F

from h2h.models.x2face import VECTOR, X2Face, fits, warp

SIZE, FILTERS = 32, 4
RELEASE = [(3, 64, 3), (64, 128, 64), (128, 256, 128), (256, 512, 256), *[(512, 512, 512)] * 4]  # in, below, out


def released_shapes(prefix, outputs, bottom, skips):
    """Names and shapes of one network in the release's checkpoint, as its code makes them; without the counters."""
    shapes = {}
    for depth, (inputs, inner, outer) in enumerate(RELEASE):
        name, top, last = prefix + ".submodule" * depth, depth == 0, depth == len(RELEASE) - 1
        inner = bottom if last else inner
        shapes[f"{name}.{'down.0' if top else 'down.1'}.weight"] = (inner, inputs, 4, 4)
        returned = 2 * inner if skips and not last else inner
        shapes[f"{name}.up.2.weight"] = (outputs if top else outer, returned, 3, 3)
        norms = ([] if top or last else [("down.2", inner)]) + ([] if top else [("up.3", outer)])
        for norm, channels in norms:
            for key in ("weight", "bias", "running_mean", "running_var"):
                shapes[f"{name}.{norm}.{key}"] = (channels,)
    return shapes


def network(seed=0):
    """A small network whose offsets are not zero any more."""
    torch.manual_seed(seed)
    found = X2Face(SIZE, FILTERS)
    for part in (found.pix2pixUnwrapped, found.pix2pixSampler):
        torch.nn.init.normal_(part["netG"]["model"].up[-1].weight, 0, 0.1)
    return found


def pictures(*shape, seed=1):
    torch.manual_seed(seed)
    return torch.rand(*shape, 3, SIZE, SIZE) * 2 - 1


def test_layers_are_those_of_the_release():
    with torch.device("meta"):
        state = X2Face().state_dict()
    wanted = released_shapes("pix2pixUnwrapped.netG.model", 3, 512, True)
    wanted |= released_shapes("pix2pixSampler.netG.model", 2, 128, False)
    found = {name: tuple(value.shape) for name, value in state.items() if not name.endswith("num_batches_tracked")}
    assert found == wanted


def test_it_does_what_the_release_does():
    """Its forward pass, written out: one source frame after the other, values in [0, 1]."""
    net, sources, driving = network().eval(), pictures(2, 3), pictures(2, 1)
    at = torch.linspace(-1, 1, SIZE)
    y, x = torch.meshgrid(at, at, indexing="ij")
    identity, total, weights = torch.stack([x, y], -1), 0, 0
    for i in range(3):
        raw = net.pix2pixUnwrapped["netG"]["model"]((sources[:, i] + 1) / 2)
        grid = torch.tanh(raw[:, :2]).permute(0, 2, 3, 1) + identity
        weight = torch.exp(raw[:, 2:3]) + 0.1
        total = total + weight * F.grid_sample((sources[:, i] + 1) / 2, grid, align_corners=True)
        weights = weights + weight
    sampler = torch.tanh(torch.tanh(net.pix2pixSampler["netG"]["model"]((driving[:, 0] + 1) / 2)))
    wanted = F.grid_sample(total / weights, sampler.permute(0, 2, 3, 1) + identity, align_corners=True)
    torch.testing.assert_close(net(sources, driving)[:, 0], 2 * wanted - 1)


def test_a_fresh_network_shows_the_source_frame():
    net = X2Face(SIZE, FILTERS).eval()
    sources = pictures(2, 1)
    torch.testing.assert_close(
        net(sources, pictures(2, 3, seed=2)), sources.expand(2, 3, 3, SIZE, SIZE), atol=1e-4, rtol=0
    )
    several = pictures(1, 4)
    torch.testing.assert_close(net(several, pictures(1, 1))[:, 0], several.mean(1), atol=1e-4, rtol=0)


def test_warping_moves_pictures_and_is_black_outside():
    net, picture = X2Face(SIZE, FILTERS), pictures(1) + 2
    step = torch.tensor([2 / (SIZE - 1), 0])  # a pixel to the right
    moved = warp(picture, (net.places + 3 * step)[None])
    torch.testing.assert_close(moved[..., :-3], picture[..., 3:], atol=1e-4, rtol=0)
    assert not moved[..., -2:].any()


def test_every_parameter_gets_gradient():
    net, sources, driving = network(), pictures(2, 2), pictures(2, 2, seed=3)
    made = net(sources, driving)
    assert made.shape == (2, 2, 3, SIZE, SIZE) and made.min() >= -1 and made.max() <= 1
    (made - driving).abs().mean().backward()
    assert [name for name, p in net.named_parameters() if not p.grad.abs().sum() > 0] == []


def test_a_vector_is_all_that_is_known_of_a_driving_frame():
    net, seen = network().eval(), []
    level = net.pix2pixSampler["netG"]["model"]
    while level.submodule is not None:
        assert not level.skip
        level = level.submodule
    level.down.register_forward_hook(lambda _m, _i, out: seen.append(out.shape))
    net(pictures(1, 1), pictures(1, 1))
    assert seen == [(1, VECTOR, 1, 1)]


@pytest.mark.parametrize(("size", "right"), [(16, False), (32, True), (48, False), (128, True), (256, True)])
def test_sides_that_can_be_halved_to_one(size, right):
    assert fits(size) == right
