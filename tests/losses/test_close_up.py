import pytest
import torch

from h2h.losses.close_up import REGIONS, Region, close_up


def ramps(size, count=1):
    """A picture whose channels are x, y (fractions) and 1."""
    at = (torch.arange(size) + 0.5) / size
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack((x, y, torch.ones_like(x)))[None].repeat(count, 1, 1, 1)


@pytest.mark.parametrize("point", [0, 1])
def test_shows_the_rectangle_around_its_point(point):
    face = torch.tensor([[[0.4, 0.35], [0.4, 0.55]], [[0.6, 0.5], [0.6, 0.6]]])  # 0.2 and 0.1 apart
    found = close_up(ramps(64, 2), face, Region(point, (1.0, 0.5), (3 / 4, 1 / 4)))
    assert found.shape == (2, 3, 16, 48)
    for i, apart in enumerate((0.2, 0.1)):
        (x, y), wide, high = face[i, point], apart * (1 - 1 / 48), apart * 0.5 * (1 - 1 / 16)  # to the pixels' middles
        torch.testing.assert_close(found[i, 0, 0, [0, -1]], torch.stack((x - wide, x + wide)), atol=1e-3, rtol=0)
        torch.testing.assert_close(found[i, 1, [0, -1], 0], torch.stack((y - high, y + high)), atol=1e-3, rtol=0)


def test_the_gradients_stay_at_the_eyes_and_at_the_mouth():
    face = torch.tensor([[[0.5, 0.4], [0.5, 0.6]]])
    seen = {}
    for name, region in REGIONS.items():
        pictures = torch.rand(1, 3, 64, 64, requires_grad=True)
        close_up(pictures, face, region).sum().backward()
        rows, columns = (pictures.grad[0].abs().sum(0) > 0).nonzero(as_tuple=True)
        seen[name] = [(int(a.min()), int(a.max())) for a in (rows, columns)]
    assert seen["eyes"][0][0] >= 19 and seen["eyes"][0][1] <= 32 and seen["eyes"][1][0] <= 21
    assert seen["mouth"][0][0] >= 31 and seen["mouth"][0][1] <= 45 and seen["mouth"][1][0] >= 23


@pytest.mark.parametrize("face", [[[1.2, 0.9], [1.2, 1.1]], [[0.5, 0.5], [0.5, 0.5]]])  # outside; a point
@pytest.mark.parametrize("region", REGIONS.values())
def test_odd_faces_stay_finite(face, region):
    pictures = torch.rand(1, 3, 16, 16, requires_grad=True)
    found = close_up(pictures, torch.tensor([face]), region)
    (gradient,) = torch.autograd.grad(found.square().sum(), pictures)
    assert found.isfinite().all() and gradient.isfinite().all()
    assert min(found.shape[-2:]) >= 16  # VGG19 halves them four times
