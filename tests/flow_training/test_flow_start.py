import pytest
import torch

from h2h.flow.frame_pair import predict_flow, predict_pyramid
from h2h.flow.variants import build_flownet
from h2h.flow_training.start import FASTEST, motion_filters, start


@pytest.mark.parametrize("variant", ["s", "sd", "c"])
def test_it_starts_with_no_flow_that_finer_levels_pass_on(variant):
    torch.manual_seed(0)
    network = build_flownet(variant, 0.125)
    first, second = 255 * torch.rand(2, 1, 3, 64, 128)
    assert predict_flow(network, first, second).abs().max() > 0
    start(network)
    with torch.no_grad():
        assert not any(flow.any() for flow in predict_pyramid(network, first, second))
        network.predict_flow6.bias.copy_(torch.tensor([0.5, -0.25]))
        for flow in predict_pyramid(network, first, second):
            height, width = flow.shape[-2:]
            middle = flow[0, :, height // 2, width // 2]
            if min(height, width) > 1:  # at a border the upsampling has less to read
                torch.testing.assert_close(middle, torch.tensor([0.5, -0.25]) * edge(height), atol=1e-5, rtol=0)
        upsampled = [flow.abs().max() for flow in predict_pyramid(network, first, second)]
        assert all(value <= 0.5 + 1e-5 for value in upsampled)


def edge(height):
    """What is left in the middle row of a picture that was one pixel high six levels ago: the border is 0 beyond."""
    row = torch.ones(1, 1, 1, 1)
    kernel = torch.tensor([0.25, 0.75, 0.75, 0.25]).reshape(1, 1, 4, 1)
    while row.shape[2] < height:
        row = torch.nn.functional.conv_transpose2d(row, kernel, stride=(2, 1), padding=(1, 0))
    return row[0, 0, height // 2, 0]


def test_a_filter_is_a_wave_that_moves_from_the_first_frame_to_the_second():
    torch.manual_seed(1)
    count, side = 64, 7
    filters = motion_filters(count, side)
    assert filters.shape == (count, 2, 3, side, side)
    grey = filters.mean(2)
    for number, (one, two) in enumerate(grey):
        matches = torch.nn.functional.conv2d(two[None, None], one[None, None], padding=side - 1)[0, 0]
        place = (matches.abs() == matches.abs().max()).nonzero()[0] - (side - 1)
        assert place.float().norm() <= FASTEST + 1.5
        assert (matches.flatten()[matches.abs().argmax()] > 0) == (number < count // 2)
