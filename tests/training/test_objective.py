"""What each discriminator is shown, and what the sums are made of."""

import dataclasses
from itertools import pairwise

import pytest
import torch
from test_step import LENGTH as SHORT
from test_step import NETWORK, SIZE, data, make

from h2h.models.sequence import History
from h2h.models.verdict import Verdict
from h2h.training import step as steps
from h2h.training.clips import Batch
from h2h.training.objective import Chunk, objective
from h2h.training.optimisers import Optimisers

LENGTH, SPAN = 12, 4
THREE = NETWORK.model_copy(update={"dynamics_scales": 3})
FIRST_AND_DYNAMICS = [(0, 3, 2), (4, 3, 2), (8, 3, 2), (8, 2, 2), (4, 3, 3), (8, 3, 3)]  # chunk, K, sub-sampling


def numbered():
    """Clips in which every picture, flow and mouth says its frame's number; generated ones are negative."""
    t = torch.arange(LENGTH).float()

    def pictures(numbers, channels):
        return numbers[None, :, None, None, None].expand(2, -1, channels, SIZE, SIZE).clone()

    return Batch(
        frames=pictures(t + 1, 3),
        masks=pictures(t, 1),
        conditions=pictures(t + 100, 6),
        flows=pictures(2.0 ** t[:-1], 2),
        mouths=t[None, :, None].expand(2, -1, 2) / 100,
        faces=torch.rand(2, LENGTH, 2, 2),
        person=torch.tensor([2, 0]),
    )


def watched(trainer):
    """Discriminators that note what they see: +2 for positive frames (true), -2 for generated ones."""
    seen = {"image": [], "mouth": [], "dynamics": []}

    def judge(name, note, frames):
        seen[name].append(note)
        score = 2 * frames.flatten(1).mean(1).sign()
        return Verdict([score], [[frames * 1.0]])

    def numbers(sequences):  # (B, K, c, S, S): the number of each picture of the first
        return sequences[0].flatten(1)[:, 0].tolist()

    def number(pictures):
        return pictures[0, 0, 0, 0].item()

    n = trainer.networks
    n.image.forward = lambda c, f, p: judge("image", (number(c), number(f), p.tolist()), f)
    n.mouth.forward = lambda c, f, m: judge("mouth", (number(c), number(f), float(m[0, 0])), f)
    n.dynamics.forward = lambda f, w, s: judge("dynamics", (s, numbers(f), numbers(w)), f)
    return seen


@pytest.mark.parametrize(("first", "window", "factor"), FIRST_AND_DYNAMICS)
def test_true_and_generated_samples_are_of_the_same_frames(first, window, factor):
    network = THREE.model_copy(update={"dynamics_frames": window, "dynamics_factor": factor})
    trainer, clip = make(network=network), numbered()
    seen, made = watched(trainer), -clip.frames
    now = slice(first, first + SPAN)
    chunk = Chunk(first, made[:, now].requires_grad_(), clip.masks[:, now], made[:, :first])
    drawn, ends = set(), {}
    for seed in range(60):
        for notes in seen.values():
            notes.clear()
        terms = objective(trainer.networks, clip, chunk, trainer.losses, None, torch.Generator().manual_seed(seed))
        (c, real, who), other = seen["image"]
        t = int(real) - 1
        drawn.add(t)
        assert (c, who) == (t + 100, [2, 0]) and other == (c, -real, who)
        assert seen["mouth"] == [(c, real, pytest.approx(t / 100)), (c, -real, pytest.approx(t / 100))]
        for (s, true, flow), (again, false, same) in zip(*[iter(seen["dynamics"])] * 2, strict=True):
            stride = factor**s
            places = [int(x) - 1 for x in true]
            assert again == s and [-x for x in false] == true and places[-1] in range(first, first + SPAN)
            assert [b - a for a, b in pairwise(places)] == [stride] * (window - 1)
            assert flow == same == [sum(2.0**i for i in range(a, a + stride)) for a in places[:-1]]
            ends.setdefault(s, set()).add(places[-1])
        assert all(float(v) == 0 for k, v in terms.values.items() if k.startswith("d_"))  # hinge: real +2, fake -2
    assert drawn == set(range(first, first + SPAN))  # uniformly sampled: every one of them
    spans = [(window - 1) * factor**s for s in range(3)]
    possible = {s: set(range(max(first, span), first + SPAN)) for s, span in enumerate(spans)}
    assert ends == {s: last for s, last in possible.items() if last}  # randomly drawn: all that the clip has


@pytest.mark.parametrize("foreground", [False, True])
def test_the_flow_that_the_dynamics_discriminator_sees(foreground):
    """FS 3.3: of the frames without their background; a frame's mask is its number here."""
    trainer, clip = make(network=THREE.model_copy(update={"dynamics_foreground": foreground})), numbered()
    seen, made = watched(trainer), -clip.frames
    chunk = Chunk(8, made[:, 8:].requires_grad_(), clip.masks[:, 8:], made[:, :8])
    objective(trainer.networks, clip, chunk, trainer.losses, None, torch.Generator().manual_seed(0))
    assert len(seen["dynamics"]) == 6
    for scale, frames, flows in seen["dynamics"]:
        places = [int(abs(x)) - 1 for x in frames]
        whole = [sum(2.0**i for i in range(a, a + 2**scale)) for a in places[:-1]]
        assert flows == [flow * (a if foreground else 1) for flow, a in zip(whole, places, strict=False)]


def test_the_sums_are_those_of_the_papers():
    """L_G = L_adv + lambda_vgg L_vgg + lambda_feat L_feat + lambda_mask L_mask, with L_adv over all discriminators."""
    weights = {"perceptual": 2.0, "feature_matching": 3.0, "mask": 5.0, "close_up": 0.0, "pixel": 7.0}
    trainer, clip = make(network=THREE, **weights), numbered()
    noise = {key: torch.rand_like(getattr(clip, key)) for key in ("frames", "conditions", "flows")}
    clip = dataclasses.replace(clip, **noise)
    frames, masks, before = (torch.rand(2, n, c, SIZE, SIZE) for n, c in ((4, 3), (4, 1), (8, 3)))
    chunk = Chunk(8, frames, masks, before)
    draw = torch.Generator().manual_seed(0)
    terms = objective(trainer.networks, clip, chunk, trainer.losses, trainer.perceptual, draw)
    v = terms.values
    names = ["image", "mouth", *(f"dynamics_{s}" for s in range(3))]
    torch.testing.assert_close(terms.adversarial, sum(v[f"g_{n}"] for n in names))
    torch.testing.assert_close(terms.discriminators, sum(v[f"d_{n}"] for n in names))
    matched = sum(v[f"features_{n}"] for n in names if n != "mouth")
    torch.testing.assert_close(terms.other, 2 * v["perceptual"] + 3 * matched + 5 * v["mask"] + 7 * v["pixel"])


def rolled_out(networks, clip, h):
    """All frames of a clip as the generator draws them, one after the other; no gradient goes back in time."""
    history, frames, masks = History(), [], []
    for t in range(clip.conditions.shape[1]):
        history.cut()
        frame, mask = networks.generator(*history.inputs(clip.conditions[:, t]), h)
        history.push(frame)
        frames.append(frame)
        masks.append(mask)
    return torch.stack(frames, 1), torch.stack(masks, 1)


@pytest.mark.parametrize("method", ["ours", "vid2vid"])
def test_the_generator_steps_on_its_whole_objective(method, monkeypatch):
    trainer, (clip, shown) = make(method), data()
    trainer.chunk_frames, n = SHORT, trainer.networks
    h = n.embedder.mean(shown).detach() if method == "ours" else None
    chunk = Chunk(0, *rolled_out(n, clip, h), clip.frames[:, :0])
    draw = torch.Generator().manual_seed(0)
    torch.randint(1, (1,), generator=draw)  # the chunk that the embedder learns from
    terms = objective(n, clip, chunk, trainer.losses, trainer.perceptual, draw)
    wanted = torch.autograd.grad(terms.adversarial + terms.other, list(n.generator.parameters()))
    found = []
    monkeypatch.setattr(steps, "step", lambda _, gradients: found.append(gradients))
    trainer.clip(clip, None if h is None else shown, 0, [1.0])
    for a, b in zip(found[0], wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_a_clip_goes_on_from_chunk_to_chunk(monkeypatch):
    monkeypatch.setattr(steps, "step", lambda *_: None)  # weights stay, so chunks must not matter
    films = []
    for size in (1, 4, SHORT):
        trainer, (clip, shown), film = make(), data(), []
        trainer.chunk_frames = size
        trainer.networks.generator.register_forward_hook(lambda *a, film=film: film.append(a[2][0].detach()))
        trainer.clip(clip, shown, 0, [1.0] * (SHORT // size))
        films.append(torch.stack(film))
    for film in films[1:]:
        torch.testing.assert_close(film, films[0])


def test_the_embedder_is_drawn_to_its_own_persons_row(monkeypatch):
    trainer, (clip, shown) = make(), data()
    trainer.chunk_frames, clip = SHORT, dataclasses.replace(clip, person=torch.tensor([2, 0]))
    h = trainer.networks.embedder.mean(shown)
    cosine = torch.nn.functional.cosine_similarity(h, trainer.networks.image.rows[[2, 0]].detach())
    wanted = torch.autograd.grad(10 * (1 - cosine).mean(), list(trainer.networks.embedder.parameters()))
    found = []
    monkeypatch.setattr(steps, "step", lambda _, gradients: found.append(gradients))
    trainer.clip(clip, shown, 0, [1.0], adversarial=False)
    for a, b in zip(found[-1], wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_each_networks_rate_and_adams_betas():
    found = Optimisers.of(make().networks, 1.0, 2.0, 3.0).items()
    rates = {name: optimiser.param_groups[0]["lr"] for name, optimiser in found.items()}
    assert rates == {"generator": 1, "discriminators": 2, "embedder": 3}
    assert all(o.param_groups[0]["betas"] == (0.5, 0.999) for o in found.values())
