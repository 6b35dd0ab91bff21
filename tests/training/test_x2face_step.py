"""X2Face trains, and resumes, as the other networks do."""

import numpy as np
import pytest
import torch
from synthetic import write_cache
from test_step import NETWORK

from h2h.errors import UserError
from h2h.training.clips import Person, draw_batch, draw_pictures
from h2h.training.divergence import Diverged
from h2h.training.loop import train
from h2h.training.networks import build_networks
from h2h.training.optimisers import Optimisers
from h2h.training.precision import FP32
from h2h.training.resume import Snapshot
from h2h.training.samples import Samples
from h2h.training.schedule import Schedule
from h2h.training.x2face_step import X2FaceTrainer

OPTIONS = {"batch": 2, "seed": 3, "embedding_frames": 2, "augment": 0.05}
SIZE = 32


def make(rate=1e-3):
    torch.manual_seed(0)
    networks = build_networks(NETWORK, SIZE, 2, "x2face")
    return X2FaceTrainer(networks, Optimisers.of(networks, rate, rate), None, None, FP32, 2)


@pytest.fixture
def people(tmp_path):
    return [Person(write_cache(tmp_path / f"{name}.h5", name, 24, SIZE, seed=i), True) for i, name in enumerate("ab")]


def test_training_lowers_the_loss(people):
    """On the same clips, shown again and again."""
    trainer, rng = make(), np.random.default_rng(0)
    clips = draw_batch(people, 2, 4, rng)
    pictures = draw_pictures(people, clips.person.tolist(), 2, 2, rng)
    losses = [trainer.clip(clips, pictures, 0, [1.0, 1.0])["pixel"] for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.7 * losses[0]


def test_interrupted_training_equals_the_uninterrupted_one(people, tmp_path):
    """Bit by bit, the batch norms' running statistics too."""
    schedule = Schedule(((5, 4),), 2, 0.5)
    straight, snapshot = make(), Snapshot(tmp_path / ".resume.safetensors", "mark")
    curves = train(straight, people, schedule, **OPTIONS)
    broken = make()
    clip, calls = broken.clip, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return clip(*args)

    broken.clip = dies
    with pytest.raises(KeyboardInterrupt):
        train(broken, people, schedule, snapshot=snapshot, snapshot_seconds=0, **OPTIONS)
    again = make()
    for value in again.networks.generator.state_dict().values():
        value.add_(1)  # whatever it starts from, the snapshot counts
    assert train(again, people, schedule, snapshot=snapshot, **OPTIONS) == curves
    for key, value in straight.networks.generator.state_dict().items():
        assert torch.equal(value, again.networks.generator.state_dict()[key]), key


def test_steps_without_finite_gradients_are_left_out(people):
    trainer = make()
    before = {name: p.clone() for name, p in trainer.networks.generator.named_parameters()}
    trainer.networks.generator.pix2pixSampler["netG"]["model"].up[-1].weight.data[:] = float("nan")
    with pytest.raises(Diverged, match="weights are not finite"):
        train(trainer, people, Schedule(((1, 4),), 2, 0.5), **OPTIONS)
    assert trainer.skipped.in_a_row == 2
    after = dict(trainer.networks.generator.named_parameters())
    assert all(torch.equal(before[name], after[name]) for name in before if "pix2pixUnwrapped" in name)


def test_parts_of_a_batch_are_put_together(people):
    """Exactly, but for batch norms that see the parts alone; here they keep their running statistics."""
    clips = draw_batch(people, 2, 4, np.random.default_rng(0))
    pictures, found = draw_pictures(people, clips.person.tolist(), 2, 2, np.random.default_rng(0)), []
    for parts in (1, 2):
        trainer = make()
        trainer.parts, trainer.chunk_frames = parts, 4
        network = trainer.networks.generator.eval()
        for part in (network.pix2pixUnwrapped, network.pix2pixSampler):
            torch.nn.init.normal_(part["netG"]["model"].up[-1].weight, 0, 0.1)
        trainer.optimisers.generator.register_step_pre_hook(
            lambda o, _a, _k: found.append([p.grad.clone() for p in o.param_groups[0]["params"]])
        )
        trainer.clip(clips, pictures, 0, [1.0])
    size = max(float(g.abs().max()) for g in found[0])
    assert len(found) == 2 and size > 0
    for whole, joined in zip(*found, strict=True):
        torch.testing.assert_close(joined, whole, rtol=1e-3, atol=1e-5 * size)


def test_samples_show_people_in_their_own_frames(people):
    trainer, samples = make(), Samples(people, 1)
    before = {key: value.clone() for key, value in trainer.networks.state()["generator"].items()}
    grid = samples.grid(trainer.networks, trainer.generator())
    source = on_bytes(samples.pictures[1, 0])
    assert grid.shape == (3 * SIZE, 2 * SIZE, 3)
    assert np.abs(grid[SIZE : 2 * SIZE, SIZE:].astype(int) - source).max() <= 1  # a fresh network does not warp
    assert all(torch.equal(before[key], value) for key, value in trainer.networks.state()["generator"].items())
    assert trainer.networks.generator.training


def on_bytes(picture):
    return ((picture + 1) * 127.5).round().permute(1, 2, 0).numpy().astype(int)


def test_pictures_that_cannot_be_halved_to_one_are_refused():
    with pytest.raises(UserError, match=r"48 x 48") as error:
        build_networks(NETWORK, 48, 2, "x2face")
    assert "image.size" in error.value.remedy
