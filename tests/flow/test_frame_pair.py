import pytest
import torch
from torch import nn

from h2h.flow.frame_pair import enlarged, normalised_pair, predict_flow, predict_pyramid, unit


class Echo(nn.Module):
    """Gives the first two channels of its input as a flow at full resolution."""

    unit = 1.0

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        self.seen = x
        return [x[:, :2]]


class Constant(nn.Module):
    """Gives one flow everywhere, at a quarter of the resolution."""

    unit = 20.0

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        quarter = torch.ones(len(x), 1, x.shape[2] // 4, x.shape[3] // 4)
        return [torch.cat((quarter, -0.5 * quarter), 1)]


def test_the_mean_colour_of_both_frames_is_taken_off():
    first = torch.tensor([10.0, 20.0, 255.0]).view(1, 3, 1, 1).expand(1, 3, 2, 4)
    second = torch.tensor([30.0, 20.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 2, 4)
    pair = normalised_pair(first, second)
    wanted = torch.tensor([-10.0, 0, 127.5, 10, 0, -127.5]) / 255
    torch.testing.assert_close(pair, wanted.view(1, 6, 1, 1).expand(1, 6, 2, 4))


@pytest.mark.parametrize("size", [(64, 128), (128, 100), (37, 75), (1, 1)])
def test_any_size_is_filled_up_at_the_border_and_cropped_back(size):
    torch.manual_seed(0)
    frames = [torch.rand(2, 3, *size) * 255 for _ in range(2)]
    network = Echo()
    flow = predict_flow(network, *frames)
    pair = normalised_pair(*frames)
    torch.testing.assert_close(flow, pair[:, :2])
    assert all(n % 64 == 0 and 0 <= n - m < 64 for n, m in zip(network.seen.shape[-2:], size, strict=True))
    assert torch.equal(network.seen[..., 0, 0], pair[..., 0, 0])
    assert torch.equal(network.seen[..., -1, -1], pair[..., -1, -1])


def test_flow_is_in_pixels_at_full_resolution():
    flow = predict_flow(Constant(), *torch.rand(2, 2, 3, 70, 90))
    wanted = torch.tensor([20.0, -10.0]).view(1, 2, 1, 1).expand(2, 2, 70, 90)
    torch.testing.assert_close(flow, wanted)


def test_a_training_takes_multiples_of_64():
    with pytest.raises(ValueError, match="96 x 64"):
        predict_pyramid(Echo(), *torch.rand(2, 1, 3, 64, 96))


@pytest.mark.parametrize("size", [(64, 64), (40, 27)])
def test_enlarged_frames_have_their_flow_in_the_given_pixels(size):
    network = Constant()
    network.enlarge = 2
    flow = predict_flow(network, torch.zeros(1, 3, *size), torch.zeros(1, 3, *size))
    assert flow.shape == (1, 2, *size) and unit(network) == 10
    torch.testing.assert_close(flow, torch.tensor([10.0, -5.0]).view(1, 2, 1, 1).expand_as(flow))


def test_a_training_sees_enlarged_frames_too():
    torch.manual_seed(0)
    frames = [torch.rand(1, 3, 64, 64) * 255 for _ in range(2)]
    network = Echo()
    network.enlarge = 2
    predict_pyramid(network, *frames)
    assert network.seen.shape == (1, 6, 128, 128)
    grey = torch.arange(64.0).expand(1, 3, 64, 64)
    halves = torch.nn.functional.avg_pool2d(enlarged(grey, 2), 2)
    torch.testing.assert_close(halves[..., 4:-4], grey[..., 4:-4], atol=1e-3, rtol=0)


class Half(nn.Module):
    """Finds half of how much brighter the second frame is, as a motion to the right; frames are uniform ramps."""

    unit = 1.0

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        brighter = 255 * (x[:, 3:4] - x[:, 0:1])
        return [torch.cat((-0.5 * brighter, 0 * brighter), 1)]


@pytest.mark.parametrize("motion, looks, found", [(2.0, 1, 1.0), (2.0, 2, 1.5), (1.0, 2, 0.625), (0.0, 2, 0.0)])
def test_a_second_look_corrects_long_motions_whole_and_short_ones_in_part(motion, looks, found):
    ramp = torch.arange(64.0).expand(1, 3, 64, 64)
    network = Half()
    network.looks = looks
    flow = predict_flow(network, 100 + ramp, 100 + ramp - motion)
    inside = flow[0, 0, 8:-8, 8:-8]
    torch.testing.assert_close(inside, torch.full_like(inside, found), atol=1e-3, rtol=0)
