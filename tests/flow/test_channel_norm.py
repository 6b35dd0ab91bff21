import torch
from loop_reference import loop_channel_norm

from h2h.flow.channel_norm import channel_norm


def test_values_and_gradients_are_the_loops():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    found, wanted = channel_norm(x), loop_channel_norm(x)
    torch.testing.assert_close(found, wanted)
    weights = torch.randn_like(wanted)
    torch.testing.assert_close(*(torch.autograd.grad(y, x, weights)[0] for y in (found, wanted)))
    assert torch.autograd.gradcheck(channel_norm, x)


def test_the_gradient_at_a_zero_vector_is_zero():
    x = torch.zeros(1, 3, 2, 2, requires_grad=True)
    channel_norm(x).sum().backward()
    assert torch.equal(x.grad, torch.zeros_like(x))
