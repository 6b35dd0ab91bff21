"""X2Face's released weights: they load strictly, and nothing else does."""

import pickle

import pytest
import torch
from synthetic import write_cache
from test_stages import sections
from test_step import NETWORK

from h2h.config.learning import Network
from h2h.errors import MissingAsset, UserError
from h2h.io.cards import read_card
from h2h.io.checkpoint import load_checkpoint
from h2h.models.x2face import X2Face
from h2h.stages.runner import run_stage
from h2h.training import restore

SIZE = 32


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A checkpoint as the authors' training writes it, here of a small network, by PyTorch 0.2 (no counters)."""
    monkeypatch.setattr(restore, "RELEASE_SIZE", SIZE)
    monkeypatch.setattr(restore, "RELEASE_FILTERS", NETWORK.filters)
    torch.manual_seed(5)
    state = {
        key: torch.rand_like(value)
        for key, value in X2Face(SIZE, NETWORK.filters).state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    path = tmp_path / "x2face_model_forpython3.pth"
    optimiser = {"state": {}, "param_groups": [{"lr": 0.001, "params": [1, 2]}]}
    torch.save({"state_dict": state, "optimizer": optimiser}, path, _use_new_zipfile_serialization=False)
    return path, state


def released(path) -> Network:
    return NETWORK.model_copy(update={"x2face": "released", "x2face_weights": str(path)})


def test_released_weights_are_taken_as_they_are(release, tmp_path):
    path, state = release
    a, c = (write_cache(tmp_path / f"{name}.h5", name, 24, SIZE) for name in "ac")
    cfg = sections(network=released(path).model_dump())
    output = tmp_path / "pretrain/x2face.default.safetensors"
    assert run_stage("pretrain", "x2face.default", output, cfg, {"caches": [a], "method": "x2face"})
    card = read_card(output)["summary"]
    assert card["steps"] == 0 and card["people"] == [] and card["curves"] == []
    saved = load_checkpoint(output)[0]["generator"]
    assert all(torch.equal(saved[key], value) for key, value in state.items())
    inputs = {"cache": c, "checkpoint": output, "method": "x2face"}
    assert run_stage("synthesize", "x2face.c.c", tmp_path / "x2face.c.c.h5", cfg, inputs)


def test_a_missing_file_says_where_it_belongs(release, tmp_path):
    with pytest.raises(MissingAsset, match=r"nowhere\.pth") as error:
        restore.load_released_x2face(tmp_path / "nowhere.pth", X2Face(SIZE, NETWORK.filters))
    assert "network.x2face: trained" in error.value.remedy


def test_the_released_weights_are_of_one_size(release):
    with pytest.raises(UserError, match=r"image\.size 32 and network\.filters 4, which are 64 and 4"):
        restore.load_released_x2face(release[0], X2Face(64, NETWORK.filters))


class Hostile:
    def __reduce__(self):
        return (open, ("hostile", "w"))


@pytest.mark.parametrize("content", ["pickle", "damaged", "other", "list", "lacking"])
def test_other_files_are_refused(release, content, tmp_path, monkeypatch):
    path, state = release
    monkeypatch.chdir(tmp_path)
    if content == "pickle":
        path.write_bytes(pickle.dumps({"state_dict": Hostile()}))
    elif content == "damaged":
        path.write_bytes(path.read_bytes()[:3000])
    else:
        lacking = {"state_dict": dict(list(state.items())[1:])}
        torch.save({"other": {"weights": torch.zeros(1)}, "list": [1, 2], "lacking": lacking}[content], path)
    with pytest.raises(UserError, match=r"x2face_model_forpython3\.pth (cannot be read|holds no named|does not hold)"):
        restore.load_released_x2face(path, X2Face(SIZE, NETWORK.filters))
    assert not (tmp_path / "hostile").exists()
