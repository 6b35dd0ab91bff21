"""Training in float16, whose range is small."""

from dataclasses import replace

import pytest
import torch
from test_step import CHUNK, LENGTH, data, make

from h2h.training.loss_scale import FIRST, PATIENCE, LossScale
from h2h.training.precision import FP16, FP32


def test_the_scale_halves_where_gradients_overflow_and_grows_after_a_while():
    scale = LossScale(torch.float16)
    assert scale.value == FIRST and scale.note(False) and scale.value == FIRST / 2
    for _ in range(PATIENCE - 1):
        assert not scale.note(True)
    assert scale.value == FIRST / 2
    kept = scale.state()
    scale.note(True)
    assert scale.value == FIRST
    again = LossScale(torch.float16)
    again.load(kept)
    again.note(True)
    assert again.value == FIRST  # it went on counting
    while scale.note(False):
        pass
    assert scale.value == 1


def test_other_formats_need_none():
    for number_format in (None, torch.bfloat16):
        scale = LossScale(number_format)
        assert scale.value == 1 and not scale.note(False) and scale.value == 1


def test_gradients_are_those_of_the_loss_itself():
    weight = torch.tensor([3.0], requires_grad=True)
    scale = LossScale(torch.float16)
    (found,) = torch.autograd.grad(scale.value * weight.square().sum(), weight)
    scale.over([found, None])
    assert found.item() == 6


def stepped(precision):
    """The direction in which one clip moves each network, and the losses."""
    trainer = replace(make(), precision=precision)
    before = {name: flat(net) for name, net in trainer.networks.items().items()}
    clip, shown = data()
    values = trainer.clip(clip, shown, 0, [1.0] * (LENGTH // CHUNK))
    return trainer, values, {name: flat(net) - before[name] for name, net in trainer.networks.items().items()}


def flat(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_float16_teaches_the_same():
    """Losses within the rounding, and no step left out. Adam's first steps are signs: near-zero gradients flip."""
    _, wanted, ways = stepped(FP32)
    trainer, values, found = stepped(FP16)
    assert trainer.skipped.in_a_row == 0 and trainer.scale.value == FIRST
    for name, value in wanted.items():
        assert values[name] == pytest.approx(value, rel=0.05, abs=0.02), name
    for name, way in ways.items():
        assert torch.cosine_similarity(way, found[name], 0) > 0.7, name


def test_an_overflow_is_left_out_and_the_next_step_is_smaller():
    trainer = replace(make(), precision=FP16)
    trainer.scale.value = 2.0**60  # the products are infinite in float16
    start = flat(trainer.networks.generator)
    clip, shown = data()
    trainer.clip(clip, shown, 0, [1.0])
    assert torch.equal(flat(trainer.networks.generator), start) and trainer.scale.value < 2.0**60
    assert trainer.skipped.in_a_row == 0  # nothing to worry about


def test_the_scale_is_kept_in_snapshots():
    trainer, _, _ = stepped(FP16)
    trainer.scale.value = 8.0
    groups = trainer.state()
    other, _, _ = stepped(FP16)
    other.load(groups)
    assert other.scale.value == 8
    assert "scale" not in stepped(FP32)[0].state()
