import pytest
import torch

from h2h.losses.close_up import REACH, close_up


def ramps(size, count=1):
    """A picture whose channels are x, y (fractions) and 1."""
    at = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack((x, y, torch.ones_like(x)))[None].repeat(count, 1, 1, 1)


def test_shows_the_square_around_eyes_and_mouth():
    face = torch.tensor([[[0.4, 0.35], [0.4, 0.55]], [[0.6, 0.5], [0.6, 0.6]]])  # 0.2 and 0.1 apart
    found = close_up(ramps(64, 2), face)
    assert found.shape == (2, 3, 48, 48)
    for i, (x, y, apart) in enumerate(((0.4, 0.45, 0.2), (0.6, 0.55, 0.1))):
        reach = REACH * apart * (1 - 1 / 48)  # to the middle of the outermost pixels
        torch.testing.assert_close(found[i, 0, 0, [0, -1]], torch.tensor([x - reach, x + reach]), atol=1e-3, rtol=0)
        torch.testing.assert_close(found[i, 1, [0, -1], 0], torch.tensor([y - reach, y + reach]), atol=1e-3, rtol=0)


def test_its_gradient_stays_within_the_face():
    pictures = torch.rand(1, 3, 64, 64, requires_grad=True)
    close_up(pictures, torch.tensor([[[0.5, 0.4], [0.5, 0.6]]])).sum().backward()
    seen = pictures.grad[0].abs().sum(0) > 0
    assert seen[22:42, 22:42].all() and not seen[:18].any() and not seen[:, 46:].any()


@pytest.mark.parametrize("face", [[[1.2, 0.9], [1.2, 1.1]], [[0.5, 0.5], [0.5, 0.5]]])  # outside; a point
def test_odd_faces_stay_finite(face):
    pictures = torch.rand(1, 3, 16, 16, requires_grad=True)
    found = close_up(pictures, torch.tensor([face]))
    (gradient,) = torch.autograd.grad(found.square().sum(), pictures)
    assert found.isfinite().all() and gradient.isfinite().all()
