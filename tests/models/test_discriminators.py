import pytest
import torch

from h2h.models.dynamics_discriminator import DynamicsDiscriminator, accumulate
from h2h.models.image_discriminator import ImageDiscriminator, project
from h2h.models.mouth_discriminator import MouthDiscriminator, mouth_crop
from h2h.models.patchgan import PatchGAN


def test_patchgan_is_that_of_pix2pixhd():
    torch.manual_seed(0)
    patches, hidden = PatchGAN(9, 8, layers=3)(torch.randn(2, 9, 64, 64))
    assert [h.shape[1] for h in hidden] == [8, 16, 32, 64]
    assert [h.shape[2] for h in hidden] == [33, 17, 9, 10] and patches.shape == (2, 1, 11, 11)


def test_projection_is_eq_7_for_every_patch():
    torch.manual_seed(0)
    network = ImageDiscriminator(6, 8, 2, 2, embedding=16, people=3)
    condition, frame, person = torch.randn(2, 6, 32, 32), torch.randn(2, 3, 32, 32), torch.tensor([2, 0])
    verdict = network(condition, frame, person)
    for (d, _), scores in zip(network.features(torch.cat((condition, frame), 1)), verdict.scores, strict=True):
        for b, i in enumerate(person):
            for y in range(d.shape[2]):
                wanted = d[b, :, y].T @ (network.rows[i] + network.w0) + network.c
                torch.testing.assert_close(scores[b, 0, y], wanted, atol=1e-5, rtol=1e-4)
    assert len(verdict.scores) == 2 and verdict.scores[1].shape[-1] < verdict.scores[0].shape[-1]


def test_only_the_persons_row_gets_gradient():
    torch.manual_seed(0)
    network = ImageDiscriminator(3, 4, 1, 1, embedding=8, people=4)
    verdict = network(torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16), torch.tensor([1, 3]))
    verdict.scores[0].mean().backward()
    touched = network.rows.grad.abs().sum(1) > 0
    assert touched.tolist() == [False, True, False, True]
    assert network.w0.grad.abs().sum() > 0 and network.c.grad.abs() > 0


def test_collapse_to_one_row():
    torch.manual_seed(0)
    network = ImageDiscriminator(3, 4, 2, 2, embedding=8, people=3)
    condition, frame = torch.randn(2, 3, 32, 32), torch.randn(2, 3, 32, 32)
    h = torch.randn(8)
    with torch.no_grad():
        network.rows[1] = h
    before = network(condition, frame, torch.tensor([1, 1]))
    network.collapse(h)
    assert network.rows.shape == (1, 8) and network.rows.requires_grad
    after = network(condition, frame, torch.tensor([0, 0]))
    for a, b in zip(before.scores, after.scores, strict=True):
        torch.testing.assert_close(a, b)


def test_without_projection_there_are_no_rows():
    network = ImageDiscriminator(3, 4, 2, 1, embedding=None)
    assert network(torch.randn(1, 3, 32, 32), torch.randn(1, 3, 32, 32)).scores[0].shape[1] == 1
    assert not {"rows", "w0", "c"} & set(dict(network.named_parameters()))


def test_project_in_half_precision_stays_float32():
    with torch.autocast("cpu", torch.bfloat16):
        scores = project(torch.randn(1, 8, 3, 3).bfloat16(), torch.randn(1, 8), torch.zeros(1))
    assert scores.dtype == torch.float32


@pytest.mark.parametrize("centre, corner", [((0.5, 0.5), (12, 12)), ((0.0, 1.0), (0, 24)), ((2.0, -1.0), (24, 0))])
def test_mouth_crop_stays_in_the_frame(centre, corner):
    rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    crop = mouth_crop(torch.stack((columns, rows))[None], torch.tensor([centre]), 8)
    assert crop.shape == (1, 2, 8, 8) and tuple(crop[0, :, 0, 0].tolist()) == corner


@pytest.mark.parametrize("channels", [0, 6])
def test_mouth_discriminator_looks_at_the_mouth_only(channels):
    torch.manual_seed(0)
    network = MouthDiscriminator(channels, 4, 2, crop=12)
    frame = torch.randn(1, 3, 48, 48, requires_grad=True)
    condition = torch.randn(1, 6, 48, 48, requires_grad=True)
    verdict = network(condition, frame, torch.tensor([[0.5, 0.75]]))
    to_frame, to_condition = torch.autograd.grad(verdict.scores[0].sum(), (frame, condition), allow_unused=True)
    inside = torch.zeros(48, 48, dtype=torch.bool)
    inside[30:42, 18:30] = True
    assert to_frame[0, :, inside].abs().sum() > 0 and not to_frame[0, :, ~inside].any()
    assert (to_condition is not None) == bool(channels)
    both = MouthDiscriminator(channels, 4, 2, crop=12, scales=2)(condition, frame, torch.tensor([[0.5, 0.75]]))
    assert len(verdict.scores) == 1 and len(both.scores) == 2 and both.scores[1].numel() < both.scores[0].numel()


def test_dynamics_discriminator_scales():
    torch.manual_seed(0)
    network = DynamicsDiscriminator(frames=3, temporal_scales=3, factor=2, filters=4, layers=2, scales=2)
    assert [network.span(s) for s in range(3)] == [3, 5, 9]
    for scale in range(3):
        verdict = network(torch.randn(2, 3, 3, 32, 32), torch.randn(2, 2, 2, 32, 32), scale)
        assert len(verdict.scores) == 2 and verdict.scores[0].shape[:2] == (2, 1)
    assert DynamicsDiscriminator(3, 3, 3, 4, 1, 1).strides == [1, 3, 9]


def test_dynamics_discriminator_sees_the_flow():
    torch.manual_seed(0)
    network = DynamicsDiscriminator(3, 1, 2, 4, 2, 1)
    flows = torch.randn(1, 2, 2, 32, 32, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(torch.randn(1, 3, 3, 32, 32), flows, 0).scores[0].sum(), flows)
    assert (gradient.abs().sum((0, 2, 3, 4)) > 0).all()


def test_accumulated_translations_add_up():
    steps = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
    flows = steps[None, :, :, None, None].expand(1, 3, 2, 8, 10)
    torch.testing.assert_close(accumulate(flows), torch.tensor([4.5, 1.5])[None, :, None, None].expand(1, 2, 8, 10))
    torch.testing.assert_close(accumulate(flows[:, :1]), flows[:, 0])


def test_accumulated_flow_follows_the_points():
    # the second flow is u(x) = 0.1 x (in pixels): a point that first moves by 2 then sees it at x + 2
    x = torch.arange(16.0).expand(16, 16)
    flows = torch.zeros(1, 2, 2, 16, 16)
    flows[0, 0, 0], flows[0, 1, 0] = 2.0, 0.1 * x
    wanted = 2 + 0.1 * (x + 2)
    torch.testing.assert_close(accumulate(flows)[0, 0, :, :13], wanted[:, :13])
    assert not accumulate(flows)[0, 1].any()
