"""X2Face from caches to frames: what it is shown, and what drives it."""

import h5py
import numpy as np
import pytest
import torch
from synthetic import write_cache
from test_stages import sections

from h2h.errors import UserError
from h2h.io.cards import read_card
from h2h.models.x2face import X2Face
from h2h.stages.runner import run_stage
from h2h.training.few_shot import few_shot_frames
from h2h.training.x2face_synthesis import SOURCES_AT_ONCE, embedded_face

SIZE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    for i, name in enumerate("abc"):
        write_cache(folder / f"{name}.h5", name, 24, SIZE, seed=i)
    inputs = {"caches": [folder / "a.h5", folder / "b.h5"], "method": "x2face"}
    assert run_stage("pretrain", "x2face.default", folder / "pretrain/x2face.default.safetensors", sections(2), inputs)
    return folder


def synthesise(folder, output, cache, **more):
    model = folder / "pretrain/x2face.default.safetensors"
    inputs = {"cache": cache, "checkpoint": model, "method": "x2face", **more}
    assert run_stage("synthesize", output.stem, output, sections(), inputs)
    with h5py.File(output) as file:
        return {key: file[key][:] for key in file}


def test_the_card_says_what_was_trained(folder):
    card = read_card(folder / "pretrain/x2face.default.safetensors")["summary"]
    assert card["method"] == "x2face" and card["people"] == ["a", "b"] and card["steps"] == 2 * card["clips"] > 0
    assert "pixel" in card["curves"][-1] and card["embedding"] is None


def test_the_driving_frames_drive_the_fine_tuning_frames(folder, tmp_path):
    """It is shown the target's few frames and the true driving frames, and nothing else of either video."""
    made = synthesise(folder, tmp_path / "x2face.c.c.h5", folder / "c.h5")
    assert made["index"].tolist() == list(range(18, 24))
    assert made["frames"].shape == (6, SIZE, SIZE, 3) and made["mask"].shape == (6, SIZE, SIZE)
    assert made["frames"].any() and (made["frames"] <= made["mask"][..., None].astype(int) + 1).all()
    with h5py.File(folder / "c.h5") as file:
        shots = few_shot_frames(file, sections().finetune, sections().seed)

    def after(change):
        path = tmp_path / "c.h5"
        path.write_bytes((folder / "c.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            change(file)
        return synthesise(folder, tmp_path / "other.c.c.h5", path)["frames"]

    def others(file):
        file["nmfc"][:], file["gaze"][:] = 0, 0
        file["frames"][: shots.start], file["frames"][shots.stop : 18] = 0, 0

    def sources(file):
        file["frames"][shots] = file["frames"][shots] // 2

    def drivers(file):
        file["frames"][18:] = file["frames"][18:][:, ::-1]

    assert np.array_equal(after(others), made["frames"])
    assert not np.array_equal(after(sources), made["frames"]) and not np.array_equal(after(drivers), made["frames"])


def test_it_is_not_fine_tuned(folder, tmp_path):
    inputs = {"cache": folder / "c.h5", "method": "x2face"}
    with pytest.raises(UserError, match="x2face is not fine-tuned"):
        run_stage("finetune", "x2face.c", tmp_path / "x2face.c.safetensors", sections(), inputs)


def test_the_embedded_face_does_not_depend_on_how_many_are_embedded_at_once():
    torch.manual_seed(0)
    network = X2Face(SIZE, 4).eval()
    torch.nn.init.normal_(network.pix2pixUnwrapped["netG"]["model"].up[-1].weight, 0, 0.1)
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (SOURCES_AT_ONCE + 3, SIZE, SIZE, 3), np.uint8)
    masks = rng.integers(0, 256, (SOURCES_AT_ONCE + 3, SIZE, SIZE), np.uint8)
    face = embedded_face(network, frames, masks)
    backwards = embedded_face(network, frames[::-1].copy(), masks[::-1].copy())
    assert face.shape == (1, 4, SIZE, SIZE) and face.min() >= 0 and face.max() <= 1
    torch.testing.assert_close(face, backwards)
