import pytest
import torch
from loop_reference import loop_correlation
from torch.utils._python_dispatch import TorchDispatchMode

from h2h.flow.correlation import correlation


@pytest.mark.parametrize(
    "shape, max_displacement, stride",
    [
        ((1, 3, 4, 6), 2, 1),
        ((2, 2, 3, 5), 4, 2),  # an odd width, and displacements beyond the picture
        ((1, 2, 5, 4), 5, 2),  # the largest displacement is no multiple of the stride: 4
        ((1, 2, 4, 7), 6, 3),
        ((1, 3, 3, 1), 2, 2),
        ((1, 2, 3, 3), 0, 1),
    ],
)
def test_values_and_gradients_are_the_loops(shape, max_displacement, stride):
    torch.manual_seed(0)
    first, second = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for _ in range(2))
    found = correlation(first, second, max_displacement, stride)
    wanted = loop_correlation(first, second, max_displacement, stride)
    torch.testing.assert_close(found, wanted)
    weights = torch.randn_like(wanted)
    for a, b in zip(*(torch.autograd.grad(x, (first, second), weights) for x in (found, wanted)), strict=True):
        torch.testing.assert_close(a, b)


def test_gradcheck():
    torch.manual_seed(0)
    maps = [torch.randn(1, 2, 3, 5, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda a, b: correlation(a, b, 4, 2), maps)


@pytest.mark.parametrize("dx, dy", [(0, 0), (20, 0), (-6, 14), (0, -20)])
def test_the_official_layer_has_441_channels_dy_major(dx, dy):
    """A point at (24, 24) that moves by (dx, dy) answers in one channel alone."""
    first, second = (torch.zeros(1, 2, 48, 48) for _ in range(2))
    first[0, :, 24, 24], second[0, :, 24 + dy, 24 + dx] = 3.0, 5.0
    costs = correlation(first, second)
    assert costs.shape == (1, 441, 48, 48)
    channel = (dy // 2 + 10) * 21 + dx // 2 + 10
    assert costs[0, channel, 24, 24] == 15 and costs.count_nonzero() == 1


def test_layout_and_number_format_do_not_matter():
    torch.manual_seed(0)
    maps = [torch.randn(2, 8, 6, 8) for _ in range(2)]
    wanted = correlation(*maps)
    last = [m.to(memory_format=torch.channels_last).requires_grad_() for m in maps]
    found = correlation(*last)
    torch.testing.assert_close(found, wanted)
    found.backward(torch.ones_like(found).to(memory_format=torch.channels_last))
    assert all(m.grad.isfinite().all() for m in last)
    low = correlation(*(m.bfloat16() for m in maps))
    assert low.dtype == torch.bfloat16
    torch.testing.assert_close(low.float(), wanted, atol=0.03, rtol=0.03)


class _Largest(TorchDispatchMode):
    """Remembers the largest tensor that any operation gave."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.numbers = max(self.numbers, result.untyped_storage().nbytes() // result.element_size())
        return result


def test_neither_direction_makes_or_keeps_a_tensor_of_the_unfolded_size():
    first, second = (torch.randn(1, 32, 24, 24, requires_grad=True) for _ in range(2))
    kept = []
    with _Largest() as largest, torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        correlation(first, second).sum().backward()
    assert sum(t.numel() for t in kept) == first.numel() + second.numel()
    assert largest.numbers == 441 * 24 * 24  # the result itself; unfolded it would be 32 times that
