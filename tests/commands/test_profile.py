"""Switching profiles: nothing is lost, comments stay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from h2h.commands import profile
from h2h.config import load_params, read_yaml
from h2h.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params").mkdir()
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copy(ROOT / "params/paper.yaml", tmp_path / "params")
    (tmp_path / "dvc.lock").write_text("laptop's\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_and_back(folder: Path):
    before = (folder / "params.yaml").read_text()
    profile.activate("paper")
    assert profile.current() == "paper"
    assert load_params().image.size == 256 and load_params().profile.work == "runs/paper/work"
    assert "# px; the networks' resolution" in (folder / "params.yaml").read_text()
    assert not (folder / "dvc.lock").exists()
    (folder / "dvc.lock").write_text("paper's\n")
    profile.activate("laptop")
    assert (folder / "params.yaml").read_text() == before
    assert (folder / "dvc.lock").read_text() == "laptop's\n"
    profile.activate("paper")
    assert (folder / "dvc.lock").read_text() == "paper's\n"


def test_merged_values_are_those_of_base_and_overlay(folder: Path):
    expected = profile.values_of("paper")
    profile.activate("paper")
    assert read_yaml(folder / "params.yaml") == expected
    assert expected["pretrain"]["lr_generator"] == 5e-5
    assert expected["frames"]["margin"] == read_yaml(ROOT / "params.yaml")["frames"]["margin"]


def test_changes_under_an_overlay_are_not_lost(folder: Path):
    profile.activate("paper")
    text = (folder / "params.yaml").read_text().replace("  epochs: 20", "  epochs: 21")
    (folder / "params.yaml").write_text(text)
    with pytest.raises(UserError, match=r"pretrain\.epochs: 20 -> 21") as error:
        profile.activate("laptop")
    assert "--discard" in error.value.remedy and profile.current() == "paper"
    profile.activate("laptop", discard=True)
    assert profile.current() == "laptop"


def test_changes_to_the_base_stay(folder: Path):
    text = (folder / "params.yaml").read_text().replace("seed: 1", "seed: 7")
    (folder / "params.yaml").write_text(text)
    profile.activate("paper")
    assert load_params().seed == 7
    profile.activate("laptop")
    assert load_params().seed == 7


@pytest.mark.parametrize("overlay", ["image: {size: 100}\n", "imagee: {size: 128}\n"])
def test_a_bad_overlay_changes_nothing(folder: Path, overlay: str):
    (folder / "params/bad.yaml").write_text("profile: {name: bad, work: w, reports: r}\n" + overlay)
    before = (folder / "params.yaml").read_text()
    with pytest.raises(UserError):
        profile.activate("bad")
    assert (folder / "params.yaml").read_text() == before and (folder / "dvc.lock").exists()


def test_an_overlay_of_comments_alone_changes_nothing(folder: Path):
    (folder / "params/mine.yaml").write_text("# later\n")
    assert profile.values_of("mine") == profile.values_of("laptop")
    before = load_params()
    profile.activate("mine")
    assert load_params() == before
    (folder / "params/list.yaml").write_text("- image\n")
    with pytest.raises(UserError, match="no mapping of parameters"):
        profile.activate("list")


def test_unknown_profile(folder: Path):
    with pytest.raises(UserError, match="no profile nowhere") as error:
        profile.activate("nowhere")
    assert "laptop, paper" in error.value.remedy
