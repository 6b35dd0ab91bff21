import torch
from loop_reference import loop_resample

from h2h.flow.resample import resample


def test_values_and_gradients_are_the_loops():
    """Also for flows that lead far beyond each border, where values stay the border's and the flow's gradient is 0."""
    torch.manual_seed(0)
    maps = torch.randn(2, 3, 5, 7, dtype=torch.float64, requires_grad=True)
    flow = (4 * torch.randn(2, 2, 5, 7, dtype=torch.float64)).requires_grad_()
    found, wanted = resample(maps, flow), loop_resample(maps, flow)
    torch.testing.assert_close(found, wanted)
    weights = torch.randn_like(wanted)
    for a, b in zip(*(torch.autograd.grad(x, (maps, flow), weights) for x in (found, wanted)), strict=True):
        torch.testing.assert_close(a, b)


def test_gradcheck():
    torch.manual_seed(0)
    maps = torch.randn(1, 2, 4, 3, dtype=torch.float64, requires_grad=True)
    flow = (torch.randint(-2, 3, (1, 2, 4, 3)) + torch.rand(1, 2, 4, 3) * 0.6 + 0.2).double().requires_grad_()
    assert torch.autograd.gradcheck(resample, (maps, flow))


def test_a_whole_pixel_to_the_right_and_down():
    maps = torch.arange(12.0).view(1, 1, 3, 4)
    flow = torch.ones(1, 2, 3, 4)
    wanted = torch.tensor([[5.0, 6, 7, 7], [9, 10, 11, 11], [9, 10, 11, 11]])
    torch.testing.assert_close(resample(maps, flow)[0, 0], wanted)
