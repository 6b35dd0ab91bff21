"""Bundles whose description or tensors were altered, with right checksums."""

import os
import struct

import pytest
import torch
from safetensors.torch import save_file

from h2h.bundles.card import Card
from h2h.bundles.tensors import check_state
from h2h.errors import UserError
from h2h.io.bundle import NETWORKS, extract_networks, read_card_of, write_bundle
from h2h.io.cards import sha256
from h2h.io.checkpoint import load_checkpoint, save_checkpoint
from h2h.stages.imported import read_bundle


def rewritten(bundle, folder, card=lambda card: None, state=lambda state: None, networks=None):
    """A bundle with another description, other tensors or another file for them."""
    values, path = read_card_of(bundle), folder / NETWORKS
    extract_networks(bundle, folder / "before")
    tensors, _ = load_checkpoint(folder / "before")  # mapped: never write into that file
    state(tensors)
    save_checkpoint(path, tensors, {}) if networks is None else networks(path, tensors)
    values["sha256"] = {NETWORKS: sha256(path)}
    card(values)
    write_bundle(folder / "altered.h2hinit", values, path)
    return folder / "altered.h2hinit"


def refused(path, folder, match):
    with pytest.raises(UserError, match=match) as error:
        read_bundle(path, folder / "scratch")
    assert not (folder / "scratch").exists() and len(str(error.value)) < 2000
    assert all(line.isprintable() for line in str(error.value).split("\n"))  # nothing steers the terminal


def test_unaltered_it_is_read(bundle, tmp_path):
    card, state = read_bundle(rewritten(bundle, tmp_path), tmp_path / "scratch")
    assert card.rows == 0 and state["image"]["rows"].shape == (0, 16)


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda c: c.update(run="rm -rf /"), "unknown key run"),
        (lambda c: c["network"].update(hidden=1), "unknown key network.hidden"),
        (lambda c: c["network"].update(filters=10**9), "filters"),
        (lambda c: c["network"].update(encoder_blocks=10**6), "encoder_blocks"),
        (lambda c: c["network"].pop("filters"), "network.filters is missing"),
        (lambda c: c.update(format=2), "format"),
        (lambda c: c.update(method="../x"), "method"),
        (lambda c: c.update(experiment="../../models/x"), "experiment"),
        (lambda c: c.update(h2h="\x1b[31m1.0"), "printed"),
        (lambda c: c["people"].update(licences={"\x1b[31mx\n": 1}), "printed"),
        (lambda c: c["people"].update(names=["../a"]), "usable name"),
        (lambda c: c["people"].update(licences={"x" * 10**5: 1}), "licences"),
        (lambda c: c["head_model"].update(colours=[1, 2]), "colours"),
        (lambda c: c["sha256"].update({"other": "0" * 64}), "sha256"),
        (lambda c: c["sha256"].update({NETWORKS: "0" * 64}), "checksum"),
        (lambda c: c["pretrain"].update(a=[[1]]), "pretrain"),
        (lambda c: c["training"].update(curves=[{"loss": "high"}]), "curves"),
    ],
)
def test_altered_descriptions(bundle, tmp_path, change, said):
    refused(rewritten(bundle, tmp_path, card=change), tmp_path, said)


def test_a_description_that_is_no_mapping(bundle, tmp_path):
    extract_networks(bundle, tmp_path / NETWORKS)
    write_bundle(tmp_path / "b.h2hinit", [1, 2], tmp_path / NETWORKS)
    refused(tmp_path / "b.h2hinit", tmp_path, "h2hinit")


def put(group, key, value):
    return lambda state: state.setdefault(group, {}).update({key: value})


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda s: s["generator"].popitem(), "lacks the tensor generator/"),
        (lambda s: s.pop("embedder"), "lacks the tensor embedder/"),
        (put("generator", "extra", torch.zeros(3)), "has no place for"),
        (put("no_group", "", torch.zeros(3)), "has no place for"),
        (put("image", "c", torch.zeros(2)), r"image/c is \(2,\)"),
        (put("image", "c", torch.zeros(1, dtype=torch.float64)), "float64"),
        (put("image", "c", torch.tensor([float("nan")])), "not finite"),
        (put("image", "rows", torch.zeros(5, 16)), r"\(5, 16\)"),
    ],
)
def test_altered_tensors(bundle, tmp_path, change, said):
    refused(rewritten(bundle, tmp_path, state=change), tmp_path, said)


def test_files_that_are_no_safetensors_of_ours(bundle, tmp_path):
    def pickled(path, tensors):
        torch.save({"generator": tensors["generator"]}, path)

    def foreign(path, tensors):
        save_file({"a": torch.zeros(2)}, path)

    def huge_header(path, tensors):
        path.write_bytes(struct.pack("<Q", 2**62) + b"{}")

    def bad_metadata(path, tensors):
        save_file({"a": torch.zeros(2)}, path, {"h2h": "[" * 100_000})

    def nameless(path, tensors):
        save_file({"generator": torch.zeros(2)}, path, {"h2h": "{}"})

    for number, networks in enumerate((pickled, foreign, huge_header, bad_metadata, nameless)):
        folder = tmp_path / str(number)
        folder.mkdir()
        refused(rewritten(bundle, folder, networks=networks), folder, "checkpoint|lacks")


def test_a_tensor_of_the_size_of_a_town_is_not_made(bundle, tmp_path):
    """The card may promise the largest network that is allowed: its shapes cost no memory."""
    path = rewritten(
        bundle, tmp_path, card=lambda c: c["network"].update(filters=4096, embedding=4096, encoder_blocks=20)
    )
    refused(path, tmp_path, "by its description")


def test_given_embedder_weights_need_not_be_there(bundle, tmp_path):
    """What started from given weights has batch norms; the bundle brings them."""
    from h2h.config.learning import Network
    from h2h.training.networks import build_networks

    values = read_card_of(bundle)
    values["network"] |= {"embedder": "inception_resnet_v1", "embedding": 512}
    values["pretrained_embedder"] = True
    card = Card.model_validate(values)
    network = Network.model_validate(values["network"])
    state = build_networks(network, 32, 0, "ours", pretrained=True).state()
    assert "body.conv2d_1a.bn.running_mean" in state["embedder"]
    check_state(state, card, "it")
    other = build_networks(network, 32, 0, "ours", pretrained=False).state()
    with pytest.raises(UserError, match="embedder"):
        check_state(other, card, "it")


def test_the_file_is_for_everybody_to_read(bundle):
    assert os.stat(bundle).st_mode & 0o044
