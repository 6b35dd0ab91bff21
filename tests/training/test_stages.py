"""Initialisation, fine-tuning and synthesis end to end on synthetic people."""

import functools
import json

import h5py
import numpy as np
import pytest
import torch
from synthetic import write_cache
from test_step import NETWORK

from h2h.config import Sections, load_params
from h2h.errors import UserError
from h2h.io.cards import read_card, sha256
from h2h.io.checkpoint import load_checkpoint
from h2h.stages.runner import run_stage


def sections(epochs=1, **changes):
    """A tiny setting."""
    values = load_params().model_dump()
    values["image"]["size"] = 32
    values["network"] = NETWORK.model_dump()
    values["losses"].update(perceptual=0)
    small = {"epochs": epochs, "batch": 1, "clip_frames": 4, "chunk_frames": 2}
    values["pretrain"].update(small)
    values["finetune"].update(small, frames=12)
    values["compute"].update(precision="fp32", threads=1)
    for section, update in changes.items():
        values[section].update(update)
    return Sections(json.loads(json.dumps(values)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    for i, name in enumerate("abc"):
        write_cache(folder / f"{name}.h5", name, 24, 32, seed=i)
    for method in ("ours", "vid2vid"):
        train(folder, method, sections())
    return folder


def train(folder, method, cfg):
    initial, tuned = folder / f"pretrain/{method}.default.safetensors", folder / f"finetune/{method}.c.safetensors"
    caches = [folder / "a.h5", folder / "b.h5"]
    assert run_stage("pretrain", f"{method}.default", initial, cfg, {"caches": caches, "method": method})
    inputs = {"cache": folder / "c.h5", "pretrained": initial, "method": method}
    assert run_stage("finetune", f"{method}.c", tuned, cfg, inputs)


def synthesise(folder, method, cfg, **more):
    output = folder / f"synthesize/{method}.c.c.h5"
    model = None if method == "nearest_frame" else folder / f"finetune/{method}.c.safetensors"
    inputs = {"cache": folder / "c.h5", "checkpoint": model, "method": method, **more}
    assert run_stage("synthesize", f"{method}.c.c", output, cfg, inputs)
    return output


def test_cards_say_what_was_trained(folder):
    card = read_card(folder / "pretrain/ours.default.safetensors")["summary"]
    assert card["people"] == ["a", "b"] and card["precision"] == "fp32" and card["clips"] == 9 and card["steps"] == 18
    assert card["curves"][-1]["clip"] == 9 and "mask" in card["curves"][-1]
    tuned = read_card(folder / "finetune/ours.c.safetensors")["summary"]
    assert tuned["frames"] == 12 and 0 <= tuned["first_frame"] <= 6 and tuned["initialised_from"] == ["a", "b"]
    assert not list(folder.glob("*/.*"))


@pytest.mark.parametrize("method", ["ours", "vid2vid", "nearest_frame"])
def test_synthesis_holds_what_docs_artifacts_says(folder, method):
    with h5py.File(synthesise(folder, method, sections())) as file, h5py.File(folder / "c.h5") as cache:
        assert file["index"][:].tolist() == list(range(18, 24))
        for key in ("frames", "composite", "nmfc", "gaze"):
            assert file[key].shape == (6, 32, 32, 3) and file[key].dtype == np.uint8, key
        assert file["mask"].shape == (6, 32, 32) and file["mask"].dtype == np.uint8
        np.testing.assert_array_equal(file["nmfc"][:], cache["nmfc"][18:])
        assert (file["frames"][:] <= file["mask"][:][..., None].astype(int) + 1).all()  # colours are on black


def test_fine_tuning_from_fresh_weights(folder, tmp_path):
    """Table 2: the same network, frames and steps, without the initialisation."""
    output, cfg = tmp_path / "finetune/scratch.c.safetensors", sections()
    assert run_stage("finetune", "scratch.c", output, cfg, {"cache": folder / "c.h5"})
    scratch, tuned = (read_card(p)["summary"] for p in (output, folder / "finetune/ours.c.safetensors"))
    assert scratch["initialised_from"] == [] and scratch["people"] == ["c"] and scratch["embedding"] is None
    for key in ("first_frame", "frames", "steps"):
        assert scratch[key] == tuned[key]
    inputs = {"cache": folder / "c.h5", "checkpoint": output}
    assert run_stage("synthesize", "scratch.c.c", tmp_path / "synthesize/scratch.c.c.h5", cfg, inputs)
    with h5py.File(tmp_path / "synthesize/scratch.c.c.h5") as file:
        assert np.isfinite(file["frames"][:]).all() and file["frames"][:].any()


def test_head2head_is_a_network_of_one_person(folder, tmp_path):
    """Without embedder: no identity feature, no W, and D_M stays, which sees the condition (Head2Head, III.C)."""
    network = {"embedder": "none", "mouth_conditioned": True, "dynamics_factor": 3}
    cfg = sections(network=network, losses={"adversarial": "lsgan"}, finetune={"longest_clip": 8})
    output = tmp_path / "finetune/head2head.c.safetensors"
    assert run_stage("finetune", "head2head.c", output, cfg, {"cache": folder / "c.h5"})
    groups, description = load_checkpoint(output)
    assert set(groups) == {"generator", "image", "mouth", "dynamics"} and description["embedding"] is None
    assert not {"rows", "w0", "c"} & set(groups["image"])
    assert read_card(output)["summary"]["clip_frames"] == [4, 8]
    inputs = {"cache": folder / "c.h5", "checkpoint": output}
    assert run_stage("synthesize", "head2head.c.c", tmp_path / "synthesize/head2head.c.c.h5", cfg, inputs)
    with h5py.File(tmp_path / "synthesize/head2head.c.c.h5") as file:
        assert np.isfinite(file["frames"][:]).all() and file["frames"][:].any()
    # trained on several people it is still nobody's, and can be fine-tuned
    pre = tmp_path / "pretrain/head2head.default.safetensors"
    assert run_stage("pretrain", "head2head.default", pre, cfg, {"caches": [folder / "a.h5", folder / "b.h5"]})
    assert read_card(pre)["summary"]["embedding"] is None
    inputs = {"cache": folder / "c.h5", "pretrained": pre}
    assert run_stage("finetune", "head2head.c", tmp_path / "tuned/head2head.c.safetensors", cfg, inputs)


def test_the_multi_person_network_itself(folder, tmp_path):
    """Table 3: with the identity feature of the person's own training frames, so people look different."""
    made = {}
    for name in "ab":
        inputs = {"cache": folder / f"{name}.h5", "checkpoint": folder / "pretrain/ours.default.safetensors"}
        output = tmp_path / f"synthesize/many.{name}.{name}.h5"
        assert run_stage("synthesize", f"many.{name}.{name}", output, sections(), inputs)
        with h5py.File(output) as file:
            made[name] = file["frames"][:]
    assert made["a"].shape == (6, 32, 32, 3) and (made["a"] != made["b"]).any()


def test_the_multi_person_network_draws_nobody_it_was_not_trained_on(folder, tmp_path):
    """Somebody whose runs were too short for a training clip is still in the fold, and no row of Table 3."""
    inputs = {"cache": folder / "c.h5", "checkpoint": folder / "pretrain/ours.default.safetensors"}
    output = tmp_path / "synthesize/many.c.c.h5"
    assert not run_stage("synthesize", "many.c.c", output, sections(), inputs)
    assert "c is not among the people of ours.default.safetensors: a, b" in read_card(output)["reason"]


def test_drawn_landmarks_instead_of_nmfc(folder, tmp_path):
    """The baseline of FS Fig. 4: the conditional input is what the driving frames' landmarks look like."""
    cfg = sections(network={"landmarks": True, "gaze": False})
    for name in "ab":
        for suffix in ("h5", "json"):
            (tmp_path / f"{name}.{suffix}").write_bytes((folder / f"{name}.{suffix}").read_bytes())
    for suffix in ("h5", "json"):
        (tmp_path / f"c.{suffix}").write_bytes((folder / f"c.{suffix}").read_bytes())
    train(tmp_path, "vid2vid", cfg)
    with h5py.File(synthesise(tmp_path, "vid2vid", cfg)) as file, h5py.File(folder / "c.h5") as cache:
        assert file["nmfc"].shape == (6, 32, 32, 3) and file["nmfc"][:].any()
        assert (file["nmfc"][:] != cache["nmfc"][18:]).any() and file["frames"][:].any()
    with pytest.raises(UserError, match=r"network\.landmarks"):
        synthesise(tmp_path, "vid2vid", sections(network={"gaze": False}))


def test_synthesis_sees_no_true_frame_or_mask(folder, tmp_path):
    before = synthesise(folder, "ours", sections()).read_bytes()
    import shutil

    for name in ("finetune",):
        shutil.copytree(folder / name, tmp_path / name)
    shutil.copy(folder / "c.h5", tmp_path / "c.h5")
    shutil.copy(folder / "c.json", tmp_path / "c.json")
    with h5py.File(tmp_path / "c.h5", "r+") as file:
        file["frames"][18:] = 255 - file["frames"][18:]
        file["mask"][18:] = 255 - file["mask"][18:]
    told = json.loads((tmp_path / "c.json").read_text())
    (tmp_path / "c.json").write_text(json.dumps(told | {"sha256": sha256(tmp_path / "c.h5")}))
    after = synthesise(tmp_path, "ours", sections())
    with h5py.File(after) as a, h5py.File(folder / "synthesize/ours.c.c.h5") as b:
        for key in ("frames", "mask", "composite"):
            np.testing.assert_array_equal(a[key][:], b[key][:])
    assert before


def test_two_runs_give_the_same_bytes(folder, tmp_path):
    for i, name in enumerate("abc"):
        write_cache(tmp_path / f"{name}.h5", name, 24, 32, seed=i)
    train(tmp_path, "ours", sections())
    for artifact in ("pretrain/ours.default.safetensors", "finetune/ours.c.safetensors"):
        assert (tmp_path / artifact).read_bytes() == (folder / artifact).read_bytes()


def test_another_architecture_is_refused_with_its_name(folder, tmp_path):
    from h2h.training.restore import load_generator, load_networks

    other = sections(network={"filters": 8})
    with pytest.raises(UserError, match=r"network\.filters"):
        load_generator(folder / "finetune/ours.c.safetensors", other.network, 32, "ours")
    with pytest.raises(UserError, match="method"):
        load_networks(folder / "pretrain/ours.default.safetensors", NETWORK, 32, "vid2vid")
    with pytest.raises(UserError, match="fine-tune"):
        load_generator(folder / "pretrain/ours.default.safetensors", NETWORK, 32, "ours")


def test_clips_shrink_to_what_there_is(folder, tmp_path):
    path = write_cache(tmp_path / "short.h5", "short", 24, 32, cuts=(3, 6, 9, 12, 15, 18))
    inputs = {"cache": path, "pretrained": folder / "pretrain/ours.default.safetensors"}
    run_stage("finetune", "ours.short", tmp_path / "finetune/ours.short.safetensors", sections(), inputs)
    assert read_card(tmp_path / "finetune/ours.short.safetensors")["summary"]["clip_frames"] == 3


def test_without_three_tracked_frames_the_person_is_rejected(folder, tmp_path):
    path = write_cache(tmp_path / "cut.h5", "cut", 24, 32, cuts=tuple(range(2, 24, 2)))
    inputs = {"cache": path, "pretrained": folder / "pretrain/ours.default.safetensors"}
    assert not run_stage("finetune", "ours.cut", tmp_path / "finetune/ours.cut.safetensors", sections(), inputs)
    card = read_card(tmp_path / "finetune/ours.cut.safetensors")
    assert card["status"] == "rejected" and "consecutive" in card["reason"]


def test_people_too_short_for_a_clip_are_left_out(tmp_path):
    caches = [
        write_cache(tmp_path / "a.h5", "a", 24, 32),
        write_cache(tmp_path / "b.h5", "b", 24, 32, cuts=tuple(range(3, 24, 3))),
    ]
    output = tmp_path / "pretrain/vid2vid.default.safetensors"
    run_stage("pretrain", "vid2vid.default", output, sections(), {"caches": caches, "method": "vid2vid"})
    assert read_card(output)["summary"]["people"] == ["a"]


def test_the_film_carries_content_credentials(folder, tmp_path):
    import av

    from h2h.io.credentials import read_credentials

    film = tmp_path / "films" / "ours.c.c.mp4"
    synthesise(folder, "ours", sections(), video=film)
    said = read_credentials(film)
    assert said.synthetic and said.intact and said.title == "ours.c.c"
    assert said.record["model"] == read_card(folder / "finetune/ours.c.safetensors")["sha256"]
    cache = {"role": "target", "sha256": read_card(folder / "c.h5")["sha256"], "name": "c.h5"}
    assert said.record["ingredients"] == [cache] and said.record["mode"] == "self"
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.width == 3 * stream.height and float(stream.average_rate) == 20
        assert sum(1 for _ in container.decode(stream)) == 6
    assert [p.name for p in film.parent.iterdir()] == [film.name]


def test_a_network_is_asked_for(folder, tmp_path):
    with pytest.raises(UserError, match="checkpoint"):
        run_stage("synthesize", "ours.c.c", tmp_path / "ours.c.c.h5", sections(), {"cache": folder / "c.h5"})


@pytest.mark.slow
def test_a_compiled_training_starts_the_same(tmp_path, monkeypatch):
    """Through all of torch.compile but the making of machine code, which takes minutes."""
    compiled = functools.partialmethod(torch.nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(torch.nn.Module, "compile", compiled)
    points = []
    for on in (False, True):
        path, cfg = tmp_path / f"{on}.safetensors", sections(compute={"compile": on})
        cache = write_cache(tmp_path / f"{on}.h5", "a", 24, 32)
        assert run_stage("pretrain", "ours.default", path, cfg, {"caches": [cache]})
        points.append(read_card(path)["summary"]["curves"][0])
    assert points[0] == pytest.approx(points[1], rel=0.02)  # later ones differ: Adam makes much of rounding
