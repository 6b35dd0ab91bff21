"""What the fine-tuning starts with (FS 3.4), and what a training makes of its section of the parameters."""

import copy

import numpy as np
import pytest
import torch
from synthetic import write_cache
from test_stages import sections
from test_step import NETWORK

from h2h.io.cards import read_card
from h2h.io.checkpoint import load_checkpoint
from h2h.stages.runner import run_stage
from h2h.training import session
from h2h.training.clips import Person
from h2h.training.networks import build_networks

SHORT = {"epochs": 0.5, "warmup_fraction": 0.0}  # a few clips, so that all pretrained weights differ from fresh ones
CFG = sections(losses={"close_up": 0}, pretrain=SHORT, finetune=SHORT)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A pretrained checkpoint's weights, the networks as the fine-tuning got them, and the person's frames."""
    folder = tmp_path_factory.mktemp("few_shots")
    caches = [write_cache(folder / f"{name}.h5", name, 24, 32, seed=i) for i, name in enumerate("abc")]
    pretrained, tuned = folder / "pretrain/ours.default.safetensors", folder / "finetune/ours.c.safetensors"
    assert run_stage("pretrain", "ours.default", pretrained, CFG, {"caches": caches[:2]})
    found, train = [], session.run_training

    def recorded(networks, *args, **kwargs):
        found.append(copy.deepcopy(networks))
        return train(networks, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "run_training", recorded)
        assert run_stage("finetune", "ours.c", tuned, CFG, {"cache": caches[2], "pretrained": pretrained})
    card, person = read_card(tuned)["summary"], Person(caches[2], CFG.network.gaze)
    pictures = person.pictures(range(card["first_frame"], card["first_frame"] + card["frames"]))
    person.close()
    return load_checkpoint(pretrained)[0], found[0], pictures


@pytest.fixture(scope="module")
def identity(started):
    """FS eq. 9 from the saved weights: the mean feature of all fine-tuning frames."""
    saved, _, pictures = started
    embedder = build_networks(NETWORK, 32, 2).embedder
    embedder.load_state_dict(saved["embedder"])
    with torch.no_grad():
        features = embedder.eval()(pictures)
    assert len(features) == CFG.finetune.frames
    return features


def test_the_row_of_the_image_discriminator_is_the_mean_feature_of_all_frames(started, identity):
    saved, start, _ = started
    wanted = identity.mean(0)
    assert ((identity - wanted).abs().amax(1) > 1e-3).all()  # so that no single frame's feature would do
    torch.testing.assert_close(start.image.rows[0], wanted, rtol=1e-5, atol=1e-6)
    assert start.image.rows.shape == (1, NETWORK.embedding) and saved["image"]["rows"].shape[0] == 2
    assert start.embedder is None


def test_the_generator_draws_what_the_pretrained_one_draws_with_that_feature(started, identity):
    saved, start, _ = started
    generator = build_networks(NETWORK, 32, 2).generator
    generator.load_state_dict(saved["generator"])
    torch.manual_seed(0)
    x, previous = torch.rand(2, 18, 32, 32) * 2 - 1, torch.rand(2, 6, 32, 32) * 2 - 1
    with torch.no_grad():
        wanted = generator.eval()(x, previous, identity.mean(0).expand(2, -1))
        found = copy.deepcopy(start.generator).eval()(x, previous, None)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_the_discriminators_go_on_from_the_initialisation(started):
    saved, start, _ = started
    state = start.state()
    assert set(state) == {"generator", "image", "mouth", "dynamics"}
    for name in ("image", "mouth", "dynamics"):
        assert state[name].keys() == saved[name].keys()
        for key, value in saved[name].items():
            if key != "rows":
                assert torch.equal(state[name][key], value), f"{name}.{key}"


def test_a_training_follows_its_section(tmp_path, monkeypatch):
    """Rates, decay and warm-up reach the steps, and the running mean of the weights is what is kept."""
    people = [Person(write_cache(tmp_path / f"{n}.h5", n, 24, 32, seed=i), True) for i, n in enumerate("ab")]
    few = 4 * 4 / sum(person.frames for person in people)  # epochs: four clips of four frames
    changes = {"epochs": few, "lr_generator": 2e-3, "lr_discriminator": 3e-3, "decay_fraction": 0.5}
    cfg = sections(losses={"close_up": 0}, pretrain=changes | {"warmup_fraction": 0.5, "average": 0.5})
    torch.manual_seed(0)
    networks = build_networks(NETWORK, 32, 2)
    rates, weights, train = {}, [], session.train

    def watched(trainer, *args, **kwargs):
        def note(name, group):
            if any(p.grad is not None for p in group["params"]):  # a step without gradients changes nothing
                rates.setdefault(name, []).append(group["lr"])

        for name, optimiser in trainer.optimisers.items().items():
            optimiser.register_step_pre_hook(lambda o, *_, name=name: note(name, o.param_groups[0]))
        kept = trainer.networks.generator.state_dict
        trainer.optimisers.generator.register_step_post_hook(lambda *_: weights.append(copy.deepcopy(kept())))
        return train(trainer, *args, **kwargs)

    monkeypatch.setattr(session, "train", watched)
    options = {
        "seed": 1,
        "lengths": [4],
        "embedding_frames": 2,
        "lr_embedder": 1e-3,
        "snapshot_path": tmp_path / "s",
        "mark": "",
        "title": "",
    }
    card = session.run_training(networks, people, cfg.pretrain, cfg.losses, cfg.compute, **options)
    assert (card["clips"], card["steps"], len(weights)) == (4, 8, 8)
    falling = np.array([1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
    assert rates["generator"] == pytest.approx(2e-3 * falling)
    assert rates["discriminators"] == pytest.approx(3e-3 * falling[4:])  # they rest in the first two clips
    assert rates["embedder"] == pytest.approx(1e-3 * falling[1::2])  # one step a clip
    mean = weights[0]
    for state in weights[1:]:
        mean = {key: 0.5 * mean[key] + 0.5 * value for key, value in state.items()}
    for key, value in networks.generator.state_dict().items():
        torch.testing.assert_close(value, mean[key])
    assert not torch.equal(weights[-1]["output.weight"], networks.generator.output.weight)
