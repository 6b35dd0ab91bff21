"""Adam's steps do not depend on how tensors lie in memory."""

import pytest
import torch

from h2h.training.memory_order import laid_out
from h2h.training.optimisers import BETAS, step

PLAIN, LAST = torch.contiguous_format, torch.channels_last


@pytest.mark.parametrize("weights", [PLAIN, LAST])
@pytest.mark.parametrize("gradients", [PLAIN, LAST])
def test_a_step_is_the_same_in_every_order_of_memory(weights, gradients):
    """Gradients that were averaged over processes are plain, the weights of a training are channels-last."""
    torch.manual_seed(0)
    start, given = torch.randn(8, 6, 3, 3), [torch.randn(8, 6, 3, 3) for _ in range(3)]
    ends = []
    for fused, layouts in ((False, (PLAIN, PLAIN)), (True, (weights, gradients))):
        parameter = torch.nn.Parameter(start.clone().contiguous(memory_format=layouts[0]))
        optimiser = torch.optim.Adam([parameter], 1e-2, BETAS, fused=fused)
        for gradient in given:
            step(optimiser, [gradient.clone().contiguous(memory_format=layouts[1])])
        ends.append(parameter.detach())
    torch.testing.assert_close(*ends, atol=1e-6, rtol=0)


def test_only_what_lies_otherwise_is_copied():
    tensor = torch.randn(2, 3, 4, 5)
    last = tensor.contiguous(memory_format=LAST)
    assert laid_out(tensor, torch.empty_like(tensor)) is tensor
    moved = laid_out(tensor, last)
    assert moved.stride() == last.stride() and torch.equal(moved, tensor)
