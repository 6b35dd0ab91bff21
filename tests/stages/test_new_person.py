"""Somebody who is trained outside the workflow: the stages go on where they stopped."""

from pathlib import Path

import pytest

from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.cards import require_sound, write_card, write_rejection
from h2h.stages import new_person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make ann, with stages that do nothing but look at their inputs; the stages that ran."""
    monkeypatch.chdir(tmp_path)
    inputs = {"video": Path("ann.mp4"), "pretrained": Path("ours.safetensors"), "head_model": Path("head.h5")}
    for path in inputs.values():
        path.write_bytes(b"made before")
        write_card(path, "any", path.stem, {})
    ran, faces = [], [True]

    def stage(stage, name, output, cfg, inputs):
        for path in inputs.values():
            if getattr(path, "suffix", "") == ".h5":
                require_sound(path)
        ran.append(stage)
        output.parent.mkdir(parents=True, exist_ok=True)
        if faces[0]:
            output.write_bytes(stage.encode())
            write_card(output, stage, name, {})
        else:
            write_rejection(output, stage, name, "no face", "film it")

    def run(face=True):
        ran.clear()
        faces[0] = face
        new_person.make_person(params=load_params(ROOT / "params.yaml"), **inputs)
        return ran.copy()

    monkeypatch.setattr(new_person, "run_stage", stage)
    return run


def test_what_is_done_is_not_done_again(make):
    assert make() == list(new_person._STEPS) and make() == []


def test_a_damaged_artifact_is_made_anew(make, tmp_path):
    """Whoever reads it removes it and says "give the same command again"; its card stays."""
    make()
    (landmarks,) = tmp_path.glob("**/people/*/landmarks/ann.h5")
    (tracking,) = tmp_path.glob("**/people/*/tracking/ann.json")
    landmarks.write_bytes(b"damaged")
    tracking.unlink()  # as if it had been stopped here
    with pytest.raises(UserError, match="is damaged") as error:
        make()
    assert "same command again" in error.value.remedy and not landmarks.exists()
    assert make() == ["landmarks", "tracking"] and landmarks.read_bytes() == b"landmarks"


def test_a_rejection_is_told_and_tried_again(make):
    for _ in range(2):
        with pytest.raises(UserError, match="no face"):
            make(face=False)
    assert make() == list(new_person._STEPS)
