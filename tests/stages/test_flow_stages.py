"""Stages flow_pretrain, flow_finetune and flow: from shapes and faces to a person's flow, in miniature."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from h2h.config import Sections, load_params, merge, read_yaml
from h2h.errors import MissingAsset, UserError
from h2h.flow.consistency import consistent
from h2h.flow.dis import DisFlow
from h2h.flow.flownet2_flow import FlowNet2Flow
from h2h.flow.flownet_weights import load_saved_flownet, save_flownet
from h2h.flow.variants import build_flownet
from h2h.flow_training import faces as faces_module
from h2h.flow_training import moving_shapes as shapes_module
from h2h.flow_training import scenes as scenes_module
from h2h.flow_training import session as session_module
from h2h.flow_training.moving_shapes import Motion, moving_shapes
from h2h.flow_training.start import start
from h2h.flow_training.textures import procedural_textures
from h2h.io.cards import read_card, write_card
from h2h.io.h5 import writing
from h2h.stages.runner import run_stage

ROOT = Path(__file__).parents[2]
SIZE = 64


def sections(*names, **changes):
    values = merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "tests" / "params.tiny.yaml"))
    values = merge(merge(values, {"image": {"size": SIZE}}), changes)
    return Sections({key: values[key] for key in (*names, "compute")})


def pretrain(folder, **changes):
    output = folder / "flow_pretrain" / "flownet2.safetensors"
    assert run_stage("flow_pretrain", "flownet2", output, sections("flow_pretrain", "seed", **changes), {})
    return output


@pytest.fixture(scope="module", autouse=True)
def events_elsewhere(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("h2h.io.events.FOLDER", tmp_path_factory.getbasetemp() / "tensorboard")
        yield


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return pretrain(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Moving shapes in the form of flow_data: the left half is the face."""
    path = tmp_path_factory.mktemp("data") / "flow_data.h5"
    motion, textures = Motion(1.0, 0.3, 3.0, 0.0, 0.0), procedural_textures(0, 2, side=64)
    face = np.broadcast_to(np.arange(SIZE) < SIZE // 2, (SIZE, SIZE))
    with writing(path) as writer:
        for number in range(6):
            pair = moving_shapes(number, SIZE, (0, 3), motion, textures)
            known = {"face": face, "background": ~face, "held_out": np.bool_(number > 3)}
            flow = pair.forward.astype(np.float16)
            writer.append(first=pair.first, second=pair.second, flow=flow, true_background=flow, **known)
    write_card(path, "flow_data", "flow_data", {})
    return path


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Frames in which everything moves 1 px to the right, and a cut."""
    path = tmp_path_factory.mktemp("frames") / "ann.h5"
    wide = procedural_textures(5, 1, side=160)[0]
    with writing(path) as writer:
        for i in range(5):
            writer.append(frames=wide[:128, 20 - 2 * i : 148 - 2 * i], segment=np.int32(i > 2))
    write_card(path, "frames", "ann", {})
    return path


def test_a_network_is_trained_and_compared_with_dis_on_unseen_shapes(original, tmp_path):
    card = read_card(original)["summary"]
    assert card["steps"] == 2 and (card["variant"], card["width"]) == ("s", 0.125)
    assert set(card["end_point_error"]) == {"zero", "dis", "original"}
    for errors in card["end_point_error"].values():
        assert errors["all"] == pytest.approx((errors["procedural"] + errors["photographs"]) / 2, abs=1e-4)
    network, description = load_saved_flownet(original)
    assert description == {"variant": "s", "width": 0.125, "enlarge": 2, "looks": 2}
    assert network.predict_flow2.weight.abs().sum() > 0
    assert pretrain(tmp_path).read_bytes() == original.read_bytes()  # the same seed gives the same network


def test_given_weights_are_taken_as_they_are(original, tmp_path):
    taken = pretrain(tmp_path, flow_pretrain={"weights": str(original)})
    summary = read_card(taken)["summary"]
    assert summary["weights"] == original.name and "steps" not in summary
    assert summary["end_point_error"] == read_card(original)["summary"]["end_point_error"]
    for a, b in zip(*(load_saved_flownet(path)[0].parameters() for path in (original, taken)), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(MissingAsset, match="FlowNet2-S_checkpoint"):
        pretrain(tmp_path / "other", flow_pretrain={"weights": str(tmp_path / "none.pth.tar")})


def test_the_facial_network_starts_from_the_original_and_the_card_compares(original, faces, tmp_path):
    output = tmp_path / "flow_finetune" / "flownet2.safetensors"
    assert run_stage(
        "flow_finetune", "flownet2", output, sections("flow_finetune", "seed"), {"data": faces, "network": original}
    )
    card = read_card(output)["summary"]
    assert set(card["end_point_error"]) == {"zero", "dis", "original", "facial"} and card["steps"] == 2
    before, after = (load_saved_flownet(path)[0].state_dict() for path in (original, output))
    change = max((after[key] - before[key]).abs().max() for key in before)
    assert 0 < change < 0.01  # two steps, from there
    with h5py.File(faces) as file:
        flow, half = file["flow"][4:].astype(np.float32), SIZE // 2
        estimate = DisFlow("medium")
        found = np.stack([estimate(*(file[key][i] for key in ("first", "second"))) for i in (4, 5)])
    error, length = np.linalg.norm(found - flow, axis=-1), np.linalg.norm(flow, axis=-1)
    wanted = {"face": error[:, :, :half].mean(), "background": error[:, :, half:].mean()}
    assert card["end_point_error"]["dis"] == pytest.approx(wanted, abs=1e-3)
    wanted = {"face": length[:, :, :half].mean(), "background": length[:, :, half:].mean()}
    assert card["end_point_error"]["zero"] == pytest.approx(wanted, abs=1e-3)


@pytest.fixture(scope="module")
def tuned(original, tmp_path_factory):
    """A facial network that has gone far from the original, its data, and what the stage did on the way.

    The data are twice as wide as the crop, of pictures without blue; the left half is the face.
    """
    folder, side, told = tmp_path_factory.mktemp("tuned"), 2 * SIZE, {}
    motion, textures = Motion(1.0, 0.3, 3.0, 0.0, 0.0), procedural_textures(0, 2, side=64)
    face = np.broadcast_to(np.arange(side) < SIZE, (side, side))
    with writing(folder / "flow_data.h5") as writer:
        for number in range(4):
            pair = moving_shapes(number, side, (0, 3), motion, textures)
            shown = {key: getattr(pair, key) * np.uint8([1, 1, 0]) for key in ("first", "second")}
            flow = pair.forward.astype(np.float16)
            known = {"face": face, "background": ~face, "held_out": np.bool_(number > 1)}
            writer.append(**shown, flow=flow, true_background=flow, **known)
    write_card(folder / "flow_data.h5", "flow_data", "flow_data", {})

    run_training = session_module.run_flow_training

    class Watched(faces_module.OriginalFlow):
        def __init__(self, network):
            super().__init__(network)
            told["asked"] = network

    def train(network, draw, settings, compute, *, parts, **options):
        told.update(parts=dict(parts), drawn=[draw(number) for number in range(4)])
        return run_training(network, draw, settings, compute, parts=parts, **options)

    changes = {"face": 3.0, "background": 0.5, "steps": 3, "lr": 0.01, "warmup_fraction": 0, "move": 1.0, "crop": SIZE}
    output = folder / "flow_finetune" / "flownet2.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faces_module, "OriginalFlow", Watched)
        patch.setattr(session_module, "run_flow_training", train)
        cfg = sections("flow_finetune", "seed", flow_finetune=changes)
        assert run_stage(
            "flow_finetune", "flownet2", output, cfg, {"data": folder / "flow_data.h5", "network": original}
        )
    return output, folder / "flow_data.h5", told


def test_on_the_background_the_network_before_the_fine_tuning_is_asked(original, tuned):
    """To the end: its weights stay those of the file while the facial network's go away from them."""
    output, _, told = tuned
    asked, before, after = (
        n.state_dict() for n in (told["asked"], *(load_saved_flownet(p)[0] for p in (original, output)))
    )
    assert all(torch.equal(asked[key].cpu(), value) for key, value in before.items())
    assert max((after[key] - value).abs().max() for key, value in before.items()) > 0.01


def test_the_card_compares_the_two_networks_under_their_names(original, tuned):
    """What docs and report quote: recomputed from both files on the people whom no training saw."""
    output, data, _ = tuned
    errors = read_card(output)["summary"]["end_point_error"]
    with h5py.File(data) as file:
        rows = [{key: file[key][i] for key in ("first", "second", "flow", "face")} for i in (2, 3)]
    for name, path in (("original", original), ("facial", output)):
        estimate, lengths = FlowNet2Flow(load_saved_flownet(path)[0]), {"face": [], "background": []}
        for row in rows:
            missed = np.linalg.norm(estimate(row["first"], row["second"]) - row["flow"].astype(np.float32), axis=-1)
            for part, where in (("face", row["face"]), ("background", ~row["face"])):
                lengths[part].append(missed[where].mean())
        assert errors[name] == pytest.approx({part: np.mean(values) for part, values in lengths.items()}, abs=1e-3)
    assert all(abs(errors["facial"][part] - errors["original"][part]) > 0.01 for part in ("face", "background"))


def test_fine_tuning_sees_moved_recoloured_crops_with_the_weight_of_each_part(tuned):
    told = tuned[2]
    assert told["parts"] == {"face": 3.0, "background": 0.5}
    for pairs in told["drawn"]:
        assert pairs.first.shape == pairs.second.shape == (2, 3, SIZE, SIZE)
        assert set(pairs.known) == {"face", "background"}
    masks = torch.cat([pairs.known["face"].mask for pairs in told["drawn"]])
    assert (masks.amax(2) != masks.amin(2)).any((1, 2)).float().mean() > 0.5  # the face's straight edge was turned
    assert any(frame[2].any() for pairs in told["drawn"] for frame in pairs.first)  # the data have no blue


def test_the_card_of_the_original_is_of_pictures_that_it_never_saw(tmp_path, monkeypatch):
    """Other scenes, other procedural textures and other photographs than its training's."""
    seeds, seen = {"train": [], "held out": []}, {"train": set(), "held out": set()}

    def watched(use, draw):
        def drawn(seed, size, shapes, motion, textures):
            seeds[use].append(list(np.atleast_1d(seed)))
            seen[use].update(texture.tobytes() for texture in textures)
            return draw(seed, size, shapes, motion, textures)

        return drawn

    monkeypatch.setattr(scenes_module, "moving_shapes", watched("train", moving_shapes))
    monkeypatch.setattr(shapes_module, "moving_shapes", watched("held out", moving_shapes))
    pretrain(tmp_path)
    assert seeds["train"] and len(seeds["held out"]) == 2
    assert len(seen["held out"]) > 1 and not seen["train"] & seen["held out"]
    for other in seeds["held out"]:
        for own in seeds["train"]:  # a scene's own number comes last
            padded = other + [0] * (len(own) - len(other))  # as NumPy does with short seeds
            assert padded[: len(own) - 1] != own[:-1]


def test_a_persons_flow_by_a_network_says_where_it_comes_back(frames, tmp_path):
    torch.manual_seed(1)
    network, original = build_flownet("s", 0.125), tmp_path / "network.safetensors"
    start(network)
    torch.nn.init.normal_(network.predict_flow2.weight, std=0.02)  # a few pixels to and fro
    save_flownet(original, network, "s", 0.125)
    write_card(original, "flow_pretrain", "network", {})
    cfg = sections("flow", "image", flow={"method": "flownet2", "network": "original"})
    output = tmp_path / "flow" / "some.ann.h5"
    assert run_stage("flow", "some.ann", output, cfg, {"frames": frames, "network": original})
    with h5py.File(output) as file, h5py.File(frames) as source:
        assert file["valid"][:].tolist() == [True, True, False, True, False]
        assert file["consistent"].shape == (5, SIZE, SIZE) and file["consistent"].dtype == bool
        assert not file["flow"][2].any() and not file["consistent"][2].any()
        pair = [
            frame.reshape(SIZE, 2, SIZE, 2, 3).mean((1, 3)).round().astype(np.uint8) for frame in source["frames"][:2]
        ]
        wanted, back = (FlowNet2Flow(network)(*frames) for frames in (pair, pair[::-1]))
        np.testing.assert_allclose(file["flow"][0], wanted, atol=2e-2, rtol=2e-3)
        agrees = consistent(wanted, back)
        assert 0.01 < agrees.mean() < 0.99 and (file["consistent"][0] != agrees).mean() < 0.01
        shares = file["consistent"][:][file["valid"][:]].mean((1, 2))
    card = read_card(output)["summary"]
    assert card["network"] == "original" and card["consistent"] == pytest.approx(shares.mean(), abs=1e-3)
    with pytest.raises(UserError, match="no network is given"):
        run_stage("flow", "ann", tmp_path / "flow" / "ann.h5", cfg, {"frames": frames})


def test_dis_needs_no_network_and_stays_as_it_was(frames, tmp_path):
    output = tmp_path / "flow" / "ann.h5"
    assert run_stage("flow", "ann", output, sections("flow", "image", flow={"preset": "medium"}), {"frames": frames})
    with h5py.File(output) as file:
        assert set(file) == {"flow", "valid"} and file["flow"].dtype == np.float16
        inner = file["flow"][0, 16:-16, 16:-16]
        np.testing.assert_allclose(np.median(inner, axis=(0, 1)), [1, 0], atol=0.1)
    assert set(json.loads(output.with_suffix(".json").read_text())["summary"]) == {"frames", "mean_px", "method"}
    assert load_params(ROOT / "params.yaml").flow.method == "dis"
