"""Who learns from what: every loss sends gradient where the papers say, and nowhere else."""

import copy
import dataclasses

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from h2h.config.learning import Losses, Network
from h2h.errors import UserError
from h2h.losses.perceptual import PerceptualLoss
from h2h.training.clips import Batch
from h2h.training.networks import build_networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import FP32
from h2h.training.step import Trainer

NETWORK = Network(
    filters=4,
    halvings=3,
    patch=1,
    encoder_blocks=1,
    decoder_blocks=1,
    discriminator_filters=4,
    discriminator_layers=1,
    discriminator_scales=1,
    embedder="tiny",
    embedder_weights="none",
    embedding=16,
    gaze=True,
    condition_frames=3,
    history_frames=2,
    landmarks=False,
    mouth_conditioned=False,
    mouth_scales=1,
    mouth_discriminator=True,
    dynamics_discriminator=True,
    mouth_crop=0.3,
    dynamics_frames=3,
    dynamics_scales=2,
    dynamics_factor=2,
    dynamics_foreground=False,
    x2face="trained",
    x2face_weights="none",
)
SIZE, LENGTH, CHUNK = 32, 8, 4
OWN_TERMS = ["perceptual", "close_up", "feature_matching", "mask", "pixel"]  # of the generator
ADVERSARIAL_ONLY = {**dict.fromkeys(OWN_TERMS, 0), "identity_matching": 0}


def make(method="ours", network=NETWORK, **weights):
    torch.manual_seed(0)
    losses = Losses(
        perceptual_network="auto",
        vgg_weights="none",
        **{
            "adversarial": "hinge",
            "perceptual": 10,
            "close_up": 10,
            "feature_matching": 10,
            "mask": 10,
            "identity_matching": 10,
            "pixel": 0,
            **weights,
        },
    )
    networks = build_networks(network, SIZE, 3, method)
    stages = [torch.nn.Conv2d(3, 4, 3, 2), torch.nn.Conv2d(4, 4, 3, 2)]
    perceptual = PerceptualLoss(stages, [1, 1]) if losses.perceptual or losses.close_up else None
    return Trainer(networks, Optimisers.of(networks, 1e-3, 1e-3, 1e-3), losses, perceptual, FP32, CHUNK)


def data(batch=2, channels=6):
    torch.manual_seed(1)
    clip = Batch(
        frames=torch.rand(batch, LENGTH, 3, SIZE, SIZE) * 2 - 1,
        masks=torch.rand(batch, LENGTH, 1, SIZE, SIZE).round(),
        conditions=torch.rand(batch, LENGTH, channels, SIZE, SIZE) * 2 - 1,
        flows=torch.randn(batch, LENGTH - 1, 2, SIZE, SIZE),
        mouths=torch.full((batch, LENGTH, 2), 0.5),
        faces=torch.tensor([[0.5, 0.3], [0.5, 0.6]]).expand(batch, LENGTH, 2, 2),
        person=torch.arange(batch) % 3,
    )
    return clip, torch.rand(batch, 2, 3, SIZE, SIZE) * 2 - 1


def state(trainer):
    return {n: copy.deepcopy(s) for n, s in trainer.networks.state().items()}


def changed(before, after):
    return {name for name in before for key in before[name] if not torch.equal(before[name][key], after[name][key])}


def step(trainer, pictures=True, **kwargs):
    clip, shown = data(**kwargs)
    return trainer.clip(clip, shown if pictures else None, 0, [1.0] * (LENGTH // CHUNK))


def embedder_gradient(trainer):
    """The gradient with which the embedder steps (Adam hides its size)."""
    seen = {}
    embed = trainer.optimisers.embedder

    def record(optimiser, _args, _kwargs):
        seen.update(
            {i: p.grad.clone() for i, p in enumerate(optimiser.param_groups[0]["params"]) if p.grad is not None}
        )

    handle = embed.register_step_pre_hook(record)
    step(trainer)
    handle.remove()
    return seen


def test_all_networks_learn():
    trainer = make()
    before = state(trainer)
    values = step(trainer)
    assert changed(before, state(trainer)) == {"generator", "image", "mouth", "dynamics", "embedder"}
    wanted = {"d_image", "g_image", "features_image", "d_mouth", "g_mouth", "mask", "perceptual", "eyes"}
    wanted |= {"mouth", "identity_matching"}
    assert wanted | {"d_dynamics_0", "features_dynamics_1"} <= set(values)


def test_the_discriminators_rest_during_the_warm_up():
    trainer = make()
    before = state(trainer)
    clip, shown = data()
    values = trainer.clip(clip, shown, 0, [1.0] * (LENGTH // CHUNK), adversarial=False)
    assert changed(before, state(trainer)) == {"generator", "embedder"}
    assert set(values) == {"mask", "perceptual", "eyes", "mouth", "identity_matching"}


def test_every_parameter_gets_gradient():
    trainer = make(adversarial="lsgan")  # the hinge's gradients for the scores' offset cancel as long as |score| < 1
    trainer.chunk_frames = LENGTH  # one step that sees all temporal scales
    names = {id(p): f"{n}.{k}" for n, net in trainer.networks.items().items() for k, p in net.named_parameters()}
    missing = []

    def check(optimiser, _args, _kwargs):
        for p in optimiser.param_groups[0]["params"]:
            if p.grad is None or not p.grad.abs().sum() > 0:
                missing.append(names[id(p)])

    for optimiser in trainer.optimisers.items().values():
        optimiser.register_step_pre_hook(check)
    clip, shown = data()
    trainer.clip(clip, shown, 0, [1.0])
    assert missing == []


@pytest.mark.parametrize("term", OWN_TERMS)
def test_the_embedder_does_not_see_the_generators_own_terms(term):
    alone, more = make(**ADVERSARIAL_ONLY), make(**{**ADVERSARIAL_ONLY, term: 10.0})
    # the first chunk's step of the generator would change the second chunk's adversarial gradient
    alone.chunk_frames = more.chunk_frames = LENGTH
    found = []
    for trainer in (alone, more):
        clip, shown = data()
        seen = {}
        trainer.optimisers.embedder.register_step_pre_hook(
            lambda o, _a, _k, seen=seen: seen.update(
                {i: p.grad.clone() for i, p in enumerate(o.param_groups[0]["params"])}
            )
        )
        before = state(trainer)
        trainer.clip(clip, shown, 0, [1.0])
        found.append((seen, before, state(trainer)))
    assert found[0][0].keys() == found[1][0].keys() and found[0][0]
    for key in found[0][0]:
        torch.testing.assert_close(found[0][0][key], found[1][0][key], atol=1e-7, rtol=1e-4)
    # while the generator does see them
    ends = [end["generator"] for _, _, end in found]
    assert any(not torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


@pytest.mark.parametrize("together", [1, 3, LENGTH])
def test_adversarial_gradient_reaches_the_embedder_exactly(together):
    """The two-pass scheme gives what back-propagating L_adv gives, through so many frames at once."""
    trainer = make(identity_matching=0)
    trainer.chunk_frames, trainer.gradient_frames = LENGTH, together
    clip, shown = data()
    plain = copy.deepcopy(trainer.networks)
    from h2h.models.sequence import History
    from h2h.training.objective import Chunk, objective

    h = plain.embedder.mean(shown)
    history, frames, masks = History(), [], []
    for t in range(LENGTH):
        if t % together == 0:
            history.cut()
        frame, mask = plain.generator(*history.inputs(clip.conditions[:, t]), h)
        history.push(frame)
        frames.append(frame)
        masks.append(mask)
    chunk = Chunk(0, torch.stack(frames, 1), torch.stack(masks, 1), clip.frames[:, :0])
    draw = torch.Generator().manual_seed(0)
    torch.randint(1, (1,), generator=draw)  # the chunk that the embedder learns from
    terms = objective(plain, clip, chunk, trainer.losses, None, draw)
    wanted = torch.autograd.grad(terms.adversarial, list(plain.embedder.parameters()))
    seen = []
    trainer.optimisers.embedder.register_step_pre_hook(
        lambda o, _a, _k: seen.extend(p.grad.clone() for p in o.param_groups[0]["params"])
    )
    trainer.clip(clip, shown, 0, [1.0])
    assert sum(float(g.abs().sum()) for g in wanted) > 0
    for a, b in zip(seen, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-3)


def test_gradients_flow_through_as_many_frames_as_they_should():
    """With another length the generator learns something else, and never across steps."""
    ends = {}
    for together in (1, 2, CHUNK, 2 * CHUNK):
        trainer = make()
        trainer.gradient_frames = together
        clip, shown = data()
        trainer.clip(clip, shown, 0, [1.0] * (LENGTH // CHUNK))
        ends[together] = trainer.networks.generator.state_dict()
    same = [all(torch.equal(ends[CHUNK][key], ends[n][key]) for key in ends[n]) for n in (1, 2, 2 * CHUNK)]
    assert same == [False, False, True]


def test_identity_matching_moves_the_embedder_and_not_the_rows():
    gradients = [embedder_gradient(make(identity_matching=w)) for w in (0, 10)]
    assert any(not torch.allclose(gradients[0][k], gradients[1][k]) for k in gradients[0])
    trainers = [make(identity_matching=w) for w in (0, 10)]
    for trainer in trainers:
        trainer.chunk_frames = LENGTH
        clip, shown = data()
        trainer.clip(clip, shown, 0, [1.0])
    assert torch.equal(trainers[0].networks.image.rows, trainers[1].networks.image.rows)


def test_identity_matching_draws_each_person_to_the_own_row():
    """FS eq. 8: the cosine to the own row grows, and beyond those to the rows of others."""
    trainer, (clip, shown) = make(), data()
    clip = dataclasses.replace(clip, person=torch.tensor([2, 0]))

    def cosines():
        h, rows = trainer.networks.embedder.mean(shown), trainer.networks.image.rows
        return torch.nn.functional.cosine_similarity(h[:, None], rows, dim=2).detach()

    before, pictures = cosines(), torch.arange(2)
    losses = [trainer.clip(clip, shown, 0, [1.0, 1.0], adversarial=False)["identity_matching"] for _ in range(8)]
    after = cosines()
    assert losses[0] == pytest.approx(1 - float(before[pictures, clip.person].mean()), abs=1e-5)
    assert (after[pictures, clip.person] > before[pictures, clip.person] + 0.05).all()
    assert after.argmax(1).tolist() == [2, 0]


def test_generator_terms_do_not_train_the_discriminators():
    ends = []
    for weights in (ADVERSARIAL_ONLY, {**ADVERSARIAL_ONLY, "feature_matching": 10, "mask": 10, "perceptual": 10}):
        trainer = make(**weights)
        trainer.chunk_frames = LENGTH  # a single step: the discriminators judged the same frames
        clip, shown = data()
        trainer.clip(clip, shown, 0, [1.0])
        ends.append(state(trainer))
    for name in ("image", "mouth", "dynamics"):
        for key in ends[0][name]:
            assert torch.equal(ends[0][name][key], ends[1][name][key]), f"{name}.{key}"


def test_vid2vid_is_the_same_code_without_embedder_rows_and_mouth():
    trainer = make("vid2vid")
    assert set(trainer.networks.items()) == {"generator", "image", "dynamics"} and not trainer.networks.image.projects
    before = state(trainer)
    step(trainer, pictures=False)
    assert changed(before, state(trainer)) == {"generator", "image", "dynamics"}


def test_collapsed_networks_train_without_embedder():
    trainer = make()
    trainer.networks.collapse(torch.nn.functional.normalize(torch.randn(16), dim=0))
    trainer.optimisers = Optimisers.of(trainer.networks, 1e-3, 1e-3, 1e-3)
    before = state(trainer)
    step(trainer, pictures=False, batch=1)
    assert changed(before, state(trainer)) == {"generator", "image", "mouth", "dynamics"}
    assert not torch.equal(before["image"]["rows"], trainer.networks.image.rows)


def test_steps_without_finite_gradients_are_left_out():
    from h2h.errors import UserError

    trainer = make()
    before = state(trainer)
    clip, shown = data()
    clip.frames[:] = float("nan")
    trainer.clip(clip, shown, 0, [1.0, 1.0])
    assert changed(before, state(trainer)) == set()
    with pytest.raises(UserError, match="diverged"):
        for _ in range(20):
            trainer.clip(clip, shown, 0, [1.0, 1.0])


def test_training_reduces_the_losses():
    trainer = make()
    values = [step(trainer) for _ in range(12)]
    assert values[-1]["perceptual"] < values[0]["perceptual"] and values[-1]["mask"] < values[0]["mask"]


def test_rates_are_set_from_the_first_ones():
    trainer = make()
    for factor in (0.5, 0.25, 1.0):
        trainer.optimisers.scale_rates(factor)
        assert all(g["lr"] == 1e-3 * factor for o in trainer.optimisers.items().values() for g in o.param_groups)


@pytest.mark.parametrize(
    ("left_out", "gone"),
    [
        ({"mouth_discriminator": False}, {"d_mouth", "g_mouth"}),
        (
            {"dynamics_discriminator": False},
            {f"{kind}_dynamics_{scale}" for kind in ("d", "g", "features") for scale in (0, 1)},
        ),
    ],
)
def test_a_discriminator_that_is_left_out_takes_its_terms_along_and_nothing_else(left_out, gone):
    """Table 3: removing D_V removes its feature loss, and nothing is reweighted."""
    whole, part = make(), make(network=NETWORK.model_copy(update=left_out))
    batch, pictures = data()
    steps = [1.0] * (LENGTH // CHUNK)
    before, after = (set(trainer.clip(batch, pictures, 0, steps)) for trainer in (whole, part))
    assert gone <= before and after == before - gone
    assert part.losses == whole.losses


@pytest.mark.parametrize("windows", [{"condition_frames": 1, "history_frames": 0}, {"condition_frames": 5}])
def test_baselines_without_time_or_recurrence_train(windows):
    left_out = {"dynamics_discriminator": False, "mouth_discriminator": False}
    trainer = make("vid2vid", NETWORK.model_copy(update={**windows, **left_out}))
    before = state(trainer)
    values = step(trainer, pictures=False)
    assert changed(before, state(trainer)) == {"generator", "image"} and "d_image" in values


def test_parts_of_a_batch_have_the_gradients_of_the_whole(monkeypatch):
    """Generator, discriminators and embedder, in every chunk."""
    found = {}
    for parts in (1, 2):
        trainer, (clip, pictures) = make(), data(batch=4)
        trainer.parts, steps = parts, []
        monkeypatch.setattr("h2h.training.step.step", lambda _, gradients, steps=steps: steps.append(gradients))
        trainer.clip(clip, pictures, 0, [1.0, 1.0])
        found[parts] = steps
    assert len(found[1]) == len(found[2]) == 5
    for whole, joined in zip(found[1], found[2], strict=True):
        size = max(float(g.abs().max()) for g in whole if g is not None)
        for a, b in zip(whole, joined, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5 * size)


def test_a_batch_that_cannot_be_split():
    trainer = make()
    trainer.parts = 3
    with pytest.raises(UserError, match="4 clips cannot be split into 3"):
        trainer.clip(*data(batch=4), 0, [1.0, 1.0])


def test_the_average_follows_the_generator():
    trainer = make()
    trainer.average = AveragedModel(trainer.networks.generator, multi_avg_fn=get_ema_multi_avg_fn(0.5))
    seen = []
    trainer.optimisers.generator.register_step_post_hook(
        lambda *_: seen.append(trainer.networks.generator.output.weight.detach().clone())
    )
    step(trainer)
    step(trainer)
    expected = seen[0]
    for weight in seen[1:]:
        expected = 0.5 * expected + 0.5 * weight
    torch.testing.assert_close(trainer.generator().output.weight, expected)
    assert trainer.generator() is not trainer.networks.generator
