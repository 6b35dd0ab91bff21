"""One person drives another: the whole way from two caches to a film."""

import h5py
import numpy as np
import pytest
import torch
from synthetic import write_cache
from test_stages import sections, train
from test_step import NETWORK

from h2h.errors import UserError
from h2h.io.cards import read_card
from h2h.io.checkpoint import save_checkpoint
from h2h.models.x2face import X2Face
from h2h.stages.runner import run_stage
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model
from h2h.training.clips import on_black
from h2h.training.start import fresh_networks

COMPONENTS = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    save_head_model(build_anny_head(samples=200, identity=COMPONENTS, expression=30, seed=3), folder / "head_model.h5")
    (folder / "head_model.json").write_text('{"status": "done"}')
    for i, name in enumerate("abc"):
        write_cache(folder / f"{name}.h5", name, 24, 32, seed=i, identity=COMPONENTS, fps=20 + i)
    train(folder, "ours", sections())
    return folder


def reenact(folder, output, cfg, method="ours"):
    inputs = {"cache": folder / "c.h5", "source": folder / "a.h5", "head_model": folder / "head_model.h5"}
    model = None if method == "nearest_frame" else folder / "finetune/ours.c.safetensors"
    run_stage("synthesize", output.stem, output, cfg, {**inputs, "checkpoint": model, "method": method})
    with h5py.File(output) as file:
        return {key: file[key][:] for key in file} | {"fps": file.attrs["fps"]}


def test_the_sources_frames_drive_the_target(folder, tmp_path):
    made = reenact(folder, tmp_path / "ours.c.a.h5", sections(synthesize={"max_frames": 9}))
    assert made["index"].tolist() == list(range(9)) and made["fps"] == 20
    assert made["nmfc"].any((1, 2, 3)).all()  # a head is in every conditional image
    with h5py.File(folder / "a.h5") as source:
        assert not np.array_equal(made["nmfc"], source["nmfc"][:9])  # drawn anew for the target's head
    card = read_card(tmp_path / "ours.c.a.h5")["summary"]
    assert (card["target"], card["source"], card["transfer"], card["frames"]) == ("c", "a", "head", 9)


def test_the_targets_identity_is_what_is_drawn(folder, tmp_path):
    """Another identity vector in the target's cache, and the same motion draws another head."""
    other = tmp_path / "c.h5"
    other.write_bytes((folder / "c.h5").read_bytes())
    with h5py.File(other, "r+") as file:
        file["tracking/identity"][:] *= -3
    for name in ("a.h5", "head_model.h5"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    cfg = sections(synthesize={"max_frames": 3})
    before, after = (
        reenact(f, tmp_path / f"nearest_frame.{i}.h5", cfg, "nearest_frame") for i, f in enumerate((folder, tmp_path))
    )
    assert not np.array_equal(before["nmfc"], after["nmfc"])


def test_background_is_black_or_the_clean_plate(folder, tmp_path):
    shown = {
        kind: reenact(folder, tmp_path / f"ours.{kind}.h5", sections(synthesize={"max_frames": 2, "background": kind}))
        for kind in ("black", "target")
    }
    np.testing.assert_array_equal(shown["black"]["composite"], shown["black"]["frames"])
    assert shown["target"]["composite"].mean() > shown["black"]["composite"].mean()


def test_the_sources_frames_themselves_drive_x2face(folder, tmp_path):
    networks, description = fresh_networks(NETWORK, 32, [], "x2face", 1)
    save_checkpoint(tmp_path / "x2face.default.safetensors", networks.state(), description)
    inputs = {"cache": folder / "c.h5", "source": folder / "a.h5", "head_model": folder / "head_model.h5"}
    inputs |= {"checkpoint": tmp_path / "x2face.default.safetensors", "method": "x2face"}
    output, driven = tmp_path / "x2face.c.a.h5", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(X2Face, "drive", lambda self, picture: driven.append(picture) or self.places[None])
        run_stage("synthesize", output.stem, output, sections(synthesize={"max_frames": 3}), inputs)
    with h5py.File(folder / "a.h5") as file:
        wanted = on_black(file["frames"][:3], file["mask"][:3])[0]
    torch.testing.assert_close(torch.cat(driven), wanted)


def test_the_head_model_is_asked_for(folder, tmp_path):
    inputs = {"cache": folder / "c.h5", "source": folder / "a.h5", "method": "nearest_frame"}
    with pytest.raises(UserError, match="--head-model"):
        run_stage("synthesize", "nearest_frame.c.a", tmp_path / "x.h5", sections(), inputs)
