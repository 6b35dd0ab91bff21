import pytest
import torch

from h2h.losses.feature_matching import feature_matching
from h2h.losses.identity_matching import identity_matching
from h2h.losses.mask import mask_loss
from h2h.losses.pixel import pixel_loss
from h2h.models.verdict import Verdict


def verdict(*layers):
    return Verdict([torch.zeros(1, 1, 1, 1) for _ in layers], [[torch.as_tensor(x) for x in scale] for scale in layers])


def test_feature_matching_is_that_of_pix2pixhd():
    real = verdict([torch.zeros(2, 3), torch.ones(4)], [torch.zeros(1), torch.zeros(1)])
    fake = verdict([torch.ones(2, 3), torch.ones(4) * 3], [torch.full((1,), 0.5), torch.zeros(1)])
    assert feature_matching(real, fake) == ((1 + 2) * 4 / 2 + 0.5 * 4 / 2) / 2


def test_feature_matching_sends_nothing_to_the_real_features():
    a, b = (torch.randn(2, 3, requires_grad=True) for _ in range(2))
    to_real, to_fake = torch.autograd.grad(feature_matching(verdict([a]), verdict([b])), (a, b), allow_unused=True)
    assert to_real is None and to_fake.abs().sum() > 0


def test_identity_matching_is_eq_8():
    h = torch.tensor([[3.0, 0.0], [1.0, 1.0]], requires_grad=True)
    rows = torch.tensor([[0.0, 2.0], [5.0, 5.0]], requires_grad=True)
    loss = identity_matching(h, rows)
    assert float(loss.detach()) == pytest.approx((1 + 0) / 2, abs=1e-6)
    to_h, to_rows = torch.autograd.grad(loss, (h, rows), allow_unused=True)
    assert to_h.abs().sum() > 0 and to_rows is None


@pytest.mark.parametrize("loss", [mask_loss, pixel_loss])
def test_mean_absolute_difference(loss):
    assert loss(torch.tensor([[1.0, -1.0]]), torch.tensor([[0.5, 1.0]])) == 1.25
