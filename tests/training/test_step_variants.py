"""Training steps that the laptop's parameters do not take: bf16, D_M with its condition, other windows, LSGAN."""

import dataclasses

import pytest
import torch
from test_objective import numbered, watched
from test_step import LENGTH, NETWORK, changed, data, make, state

from h2h.training.objective import Chunk, objective
from h2h.training.precision import BF16

DISCRIMINATORS = {"image", "mouth", "dynamics"}


def gradients(trainer):
    """The losses of one step over a whole clip, and each optimiser's gradient as one vector."""
    trainer.chunk_frames, found = LENGTH, {}
    clip, shown = data()

    def note(name, group):
        found[name] = torch.cat([p.grad.flatten() for p in group["params"] if p.grad is not None])

    for name, optimiser in trainer.optimisers.items().items():
        optimiser.register_step_pre_hook(lambda o, *_, name=name: note(name, o.param_groups[0]))
    return trainer.clip(clip, shown, 0, [1.0]), found


def test_a_step_in_bf16_is_the_step_in_fp32_but_for_rounding():
    low = dataclasses.replace(make(), precision=BF16)
    kinds = set()
    low.networks.generator.output.register_forward_hook(lambda _m, _given, out: kinds.add(out.dtype))
    (wanted, full), (found, short) = gradients(make()), gradients(low)
    assert kinds == {torch.bfloat16}
    assert found.keys() == wanted.keys() and found == pytest.approx(wanted, rel=0.05, abs=0.01) and found != wanted
    for name, gradient in full.items():
        assert torch.nn.functional.cosine_similarity(gradient, short[name], dim=0) > 0.97, name
        assert float(short[name].norm()) == pytest.approx(float(gradient.norm()), rel=0.05), name
        assert short[name].dtype == torch.float32  # the weights stay exact


def channels_seen(network):
    """How many channels the first layer of a discriminator sees."""
    return next(m.in_channels for m in network.modules() if isinstance(m, torch.nn.Conv2d))


@pytest.mark.parametrize(
    ("changes", "kind", "channels"),
    [
        ({}, "lsgan", {"mouth": 3, "dynamics": 13}),
        ({"mouth_conditioned": True}, "hinge", {"mouth": 9}),  # the condition's six and the frame's three (Head2Head)
        ({"mouth_scales": 2}, "hinge", {"mouth": 3}),
        ({"dynamics_frames": 2}, "hinge", {"dynamics": 8}),  # two frames and the flow between them
        ({"dynamics_factor": 3}, "hinge", {"dynamics": 13}),
    ],
)
def test_one_step_trains_all_networks_of_each_variant(changes, kind, channels):
    trainer = make(network=NETWORK.model_copy(update=changes), adversarial=kind)
    trainer.chunk_frames, before = LENGTH, state(trainer)
    for name, count in channels.items():
        assert channels_seen(getattr(trainer.networks, name)) == count
    clip, shown = data()
    values = trainer.clip(clip, shown, 0, [1.0])
    assert changed(before, state(trainer)) == {"generator", "embedder", *DISCRIMINATORS}
    assert all(torch.isfinite(torch.tensor(value)) for value in values.values())
    assert {"d_mouth", "d_dynamics_0", "d_dynamics_1", "features_dynamics_1"} <= set(values)


def test_the_conditioned_mouth_discriminator_learns_from_the_condition_around_the_mouth():
    networks = make(network=NETWORK.model_copy(update={"mouth_conditioned": True})).networks
    clip, _ = data()
    condition, frame, mouth = (x[:, 0] for x in (clip.conditions, clip.frames, clip.mouths))
    condition.requires_grad_()
    networks.mouth(condition, frame, mouth).scores[0].sum().backward()
    rows = condition.grad.abs().sum((0, 1, 3)).nonzero()[:, 0]
    assert (rows.min() + rows.max() + 1) / 2 == pytest.approx(16, abs=1) and 6 <= len(rows) <= 10  # 0.3 of 32 px
    assert all(condition.grad[:, c].abs().sum() > 0 for c in range(6))


def test_lsgan_draws_true_scores_to_one_and_generated_ones_to_zero():
    """Head2Head's objective, from scores that are known: +2 for each true sample, -2 for each generated one."""
    trainer, clip = make(adversarial="lsgan"), numbered()
    watched(trainer)
    chunk = Chunk(8, -clip.frames[:, 8:].requires_grad_(), clip.masks[:, 8:], -clip.frames[:, :8])
    values = objective(trainer.networks, clip, chunk, trainer.losses, None, torch.Generator().manual_seed(0)).values
    names = ["image", "mouth", "dynamics_0", "dynamics_1"]
    assert [float(values[f"d_{name}"]) for name in names] == [((2 - 1) ** 2 + (-2) ** 2) / 2] * 4
    assert [float(values[f"g_{name}"]) for name in names] == [(-2 - 1) ** 2 / 2] * 4
