import json

import numpy as np
import pytest

from h2h.config import Sections
from h2h.errors import Rejected
from h2h.io.cards import read_card, write_card, write_rejection
from h2h.stages import runner


@pytest.fixture
def cfg():
    return Sections({"seed": 1})


def install(monkeypatch, function):
    monkeypatch.setattr(runner, "stage_function", lambda stage: function)


def test_card_is_written_last_and_holds_the_checksum(tmp_path, cfg, monkeypatch):
    def run(name, output, cfg):
        assert not (tmp_path / "a.json").exists()
        output.write_bytes(b"data")
        return {"frames": 3}

    install(monkeypatch, run)
    assert runner.run_stage("frames", "a", tmp_path / "a.h5", cfg, {})
    card = read_card(tmp_path / "a.h5")
    assert card["status"] == "done" and card["summary"] == {"frames": 3} and len(card["sha256"]) == 64


def test_a_rejection_is_recorded_and_passed_on(tmp_path, cfg, monkeypatch):
    def run(name, output, cfg):
        raise Rejected("no face at 1.2 s", "look at the camera")

    install(monkeypatch, run)
    first, second = tmp_path / "frames" / "a.h5", tmp_path / "matting" / "a.h5"
    assert not runner.run_stage("frames", "a", first, cfg, {})
    install(monkeypatch, lambda *a, **k: pytest.fail("a rejected person's stage must not run"))
    assert not runner.run_stage("matting", "a", second, cfg, {"frames": first})
    card = read_card(second)
    assert (card["stage"], card["at"], card["remedy"]) == ("matting", "frames", "look at the camera")
    assert "no face at 1.2 s" in card["reason"]


def test_rejected_people_are_left_out_of_a_training_set(tmp_path, cfg, monkeypatch):
    good, bad = tmp_path / "good.h5", tmp_path / "bad.h5"
    good.write_bytes(b"x")
    write_card(good, "cache", "good", {})
    write_rejection(bad, "cache", "bad", "why", "what to do")
    seen = []

    def run(name, output, cfg, *, caches):
        seen.extend(caches)
        output.write_bytes(b"model")
        return {}

    install(monkeypatch, run)
    assert runner.run_stage("pretrain", "ours.default", tmp_path / "m.safetensors", cfg, {"caches": [good, bad]})
    assert seen == [good]


def test_a_crash_leaves_neither_artifact_nor_card(tmp_path, cfg, monkeypatch):
    def run(name, output, cfg):
        output.write_bytes(b"half")
        raise RuntimeError

    install(monkeypatch, run)
    with pytest.raises(RuntimeError):
        runner.run_stage("frames", "a", tmp_path / "a.h5", cfg, {})
    assert list(tmp_path.iterdir()) == []


def test_cards_of_equal_artifacts_are_equal(tmp_path):
    for folder in ("1", "2"):
        path = tmp_path / folder / "a.h5"
        path.parent.mkdir()
        path.write_bytes(np.arange(5).tobytes())
        write_card(path, "frames", "a", {"b": 1, "a": 2})
    assert (tmp_path / "1" / "a.json").read_bytes() == (tmp_path / "2" / "a.json").read_bytes()
    assert json.loads((tmp_path / "1" / "a.json").read_text())["status"] == "done"
