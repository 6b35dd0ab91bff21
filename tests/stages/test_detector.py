import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "training"))
from synthetic import write_cache

from h2h.config import Sections, load_params, merge, read_yaml
from h2h.evaluation.automated_study import Clip
from h2h.io.cards import write_card
from h2h.io.h5 import reading, writing
from h2h.stages import detector, tables

ROOT = Path(__file__).parents[2]
SIDE, FRAMES, TRAINED = 48, 40, 20


def write_made(path: Path, cache: Path, blurred: bool) -> Path:
    """Held-out frames as they are, or with the fine structure of an upsampling network."""
    path.parent.mkdir(exist_ok=True)
    with reading(cache) as file, writing(path) as writer:
        for i in range(TRAINED, FRAMES):
            frame = np.round(file["frames"][i] * (file["mask"][i][..., None] / 255.0)).astype(np.uint8)
            made = frame[::3, ::3].repeat(3, 0).repeat(3, 1) if blurred else frame
            writer.append(frames=made, nmfc=file["nmfc"][i], index=np.int32(i))
    return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(
        json.dumps(merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "tests/params.tiny.yaml")))
    )
    caches = [write_cache(tmp_path / f"{n}.h5", n, FRAMES, SIDE, TRAINED, i) for i, n in enumerate(("ann", "bea"))]
    for cache in caches:  # moving textures instead of flat ones, and a face in the middle
        rng = np.random.default_rng(5)
        with h5py.File(cache, "r+") as file:
            file["frames"][...] = rng.integers(0, 256, file["frames"].shape, dtype=np.uint8)
            file["mask"][...] = 255
            file["nmfc"][:, 8:40, 8:40] = 120
    return caches


def test_a_detector_is_trained_and_judges(project, tmp_path):
    made = [
        write_made(tmp_path / f"made/{kind}.ann.ann.h5", project[0], kind != "nearest_frame")
        for kind in ("vid2vid", "ours", "nearest_frame")
    ]
    cfg = Sections(load_params().model_dump(mode="json"))
    card = detector.run("automated_study", tmp_path / "study.h5", cfg, caches=project, synthesized=made)
    found = {(r["kind"], r["person"]): r for r in card["judged"]}
    assert found["vid2vid", "ann"]["called_synthesised"] > 0.8 < found["ours", "ann"]["called_synthesised"]
    for honest in (("nearest_frame", "ann"), ("real", "ann"), ("real", "bea")):
        assert found[honest]["called_synthesised"] < 0.2
    assert not found["real", "bea"]["person_known"] and card["known"] == ["vid2vid"]
    with reading(tmp_path / "study.h5") as file:
        assert file["ours.ann.ann/features"].shape == (FRAMES - TRAINED, 384) and len(file) == 5

    write_card(tmp_path / "study.h5", "detector", "automated_study", card)
    inputs = {"evaluations": [], "markdown": tmp_path / "t.md", "detector": [tmp_path / "study.h5"]}
    summary = tables.run("automated_study", tmp_path / "automated_study.csv", cfg, **inputs)
    assert summary["detector"]["bea, unseen"]["real"]["called_synthesised"] < 0.2
    assert "What a forgery detector says" in (tmp_path / "t.md").read_text()
    assert (tmp_path / "automated_study_detector_crossed.csv").read_text().startswith("known,")


def test_without_synthesised_frames_there_is_nothing_to_say(project, tmp_path):
    cfg = Sections(load_params().model_dump(mode="json"))
    card = detector.run("automated_study", tmp_path / "study.h5", cfg, caches=project)
    assert card["judged"] == card["known"] == []


def test_blocks_of_some_frames_span_as_many_of_the_clip(project, tmp_path, monkeypatch):
    """FaceForensics++'s network sees every other frame of a clip of 100: ten neighbours are five of them."""
    blocks = []

    def interval(values, samples, seed, block):
        blocks.append((len(values), block))
        return 0.0, 1.0

    monkeypatch.setattr("h2h.evaluation.automated_study.block_interval", interval)
    monkeypatch.setattr(
        "h2h.evaluation.faceforensics.faceforensics", lambda weights: lambda crops: np.zeros(len(crops))
    )
    clips = [
        Clip("ours", "ann", "ann", np.arange(count), np.zeros((count, 2), np.uint8)) for count in (0, 40, 100, 250, 900)
    ]
    found = detector._official(clips, tmp_path, Sections(load_params().model_dump(mode="json")))
    assert [one["frames"] for one in found] == [0, 40, 50, 50, 50]
    assert blocks == [(0, 10), (40, 10), (50, 5), (50, 2), (50, 1)]
