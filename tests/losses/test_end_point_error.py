import pytest
import torch
from torch.nn import functional as F

from h2h.flow.frame_pair import predict_flow, predict_pyramid
from h2h.flow.variants import build_flownet
from h2h.losses.end_point_error import FLOWNET_WEIGHTS, end_point_error, multiscale_end_point_error


def scales(target: torch.Tensor, unit: float = 20.0) -> list[torch.Tensor]:
    """What a perfect network gives."""
    return [F.avg_pool2d(target / unit, 4 << level) for level in range(5)]


def test_end_point_error_is_the_mean_length_over_the_mask():
    flow, target = torch.zeros(1, 2, 1, 3), torch.tensor([[[[3.0, 0, 6]], [[4.0, 1, 8]]]])
    assert end_point_error(flow, target) == pytest.approx(16 / 3)
    mask = torch.tensor([[[[True, True, False]]]])
    assert end_point_error(flow, target.where(mask, torch.nan), mask) == 3
    assert end_point_error(flow, target, torch.zeros(1, 1, 1, 3)).isnan()


@pytest.mark.parametrize("unit", [20.0, 1 / 20])
def test_zero_for_the_truth_of_every_scale(unit):
    torch.manual_seed(0)
    target = 10 * torch.randn(2, 2, 64, 128)
    loss = multiscale_end_point_error(scales(target, unit), target, unit)
    assert 0 <= loss < 1e-5 / unit


def test_scales_count_four_two_one_one_one():
    """FlowNet's weights are of sums over pixels, of which a coarser scale has a quarter."""
    target = torch.zeros(1, 2, 64, 64)
    losses = []
    for level in range(5):
        pyramid = scales(target)
        pyramid[level] = pyramid[level] + torch.tensor([0.6, -0.8])[:, None, None]
        losses.append(float(multiscale_end_point_error(pyramid, target, 20.0)))
    assert losses == pytest.approx([4 / 9, 2 / 9, 1 / 9, 1 / 9, 1 / 9])


def test_it_is_the_weighted_sum_over_the_valid_pixels_of_all_scales():
    torch.manual_seed(0)
    target, mask = 5 * torch.randn(1, 2, 64, 64), torch.rand(1, 1, 64, 64) < 0.4
    mask[..., :32, :32] = False
    pyramid = [torch.randn(1, 2, 64 >> n, 64 >> n) for n in (2, 3, 4, 5, 6)]
    total = count = 0.0
    for weight, flow in zip(FLOWNET_WEIGHTS, pyramid, strict=True):
        cell = 64 // flow.shape[-1]
        for y in range(flow.shape[-2]):
            for x in range(flow.shape[-1]):
                block = (..., slice(cell * y, cell * (y + 1)), slice(cell * x, cell * (x + 1)))
                inside = mask[block][0, 0]
                if inside.any():
                    mean = target[block][0][:, inside].mean(1) / 20
                    share = float(inside.float().mean())
                    total += weight * share * float((flow[0, :, y, x] - mean).norm())
                    count += weight * share
    assert float(multiscale_end_point_error(pyramid, target, 20.0, mask)) == pytest.approx(total / count, rel=1e-5)


def test_what_is_masked_out_does_not_matter():
    torch.manual_seed(0)
    target, mask = torch.randn(1, 2, 64, 64), torch.ones(1, 1, 64, 64, dtype=torch.bool)
    mask[..., :16] = False
    pyramid = [f.requires_grad_() for f in scales(torch.randn(1, 2, 64, 64))]
    wanted = multiscale_end_point_error(pyramid, target, 20.0, mask)
    loss = multiscale_end_point_error(pyramid, target.where(mask, torch.nan), 20.0, mask)
    assert torch.equal(loss, wanted)
    finest, *_, coarsest = torch.autograd.grad(loss, pyramid)
    assert not finest[..., :4].any() and finest[..., 4:].all() and coarsest.all()


def test_an_empty_mask_teaches_nothing():
    pyramid = [f.requires_grad_() for f in scales(torch.randn(1, 2, 64, 64))]
    loss = multiscale_end_point_error(pyramid, torch.full((1, 2, 64, 64), torch.nan), 20.0, torch.zeros(1, 1, 64, 64))
    assert loss == 0 and not any(g.any() for g in torch.autograd.grad(loss, pyramid))


@pytest.mark.parametrize("variant", ["c", "sd"])
def test_a_narrow_network_learns_one_motion(variant):
    torch.manual_seed(0)
    network = build_flownet(variant, 0.05)
    first = F.interpolate(torch.rand(2, 3, 16, 16), (64, 64), mode="bicubic").clamp(0, 1) * 255
    second = first.roll((1, 3), (2, 3))
    target = torch.tensor([3.0, 1.0]).view(1, 2, 1, 1).expand(2, 2, 64, 64)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    with torch.no_grad():
        before = end_point_error(predict_flow(network, first, second), target)
    for _ in range(40):
        optimizer.zero_grad()
        multiscale_end_point_error(predict_pyramid(network, first, second), target, network.unit).backward()
        optimizer.step()
    with torch.no_grad():
        after = end_point_error(predict_flow(network, first, second), target)
    assert after < 0.6 * before
