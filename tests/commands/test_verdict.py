"""Who was left out is told once, with the reason and what to do."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from h2h.commands import verdict
from h2h.io.cards import read_card, write_card, write_rejection


def test_a_rejection_passed_on_is_told_once(tmp_path: Path):
    for stage, name in (("cache", "eve"), ("finetune", "ours.eve"), ("evaluate", "ours.eve")):
        write_rejection(tmp_path / stage / f"{name}.h5", stage, name, "eve: no face", "film again", "frames")
    cards = [read_card(path) for path in sorted(tmp_path.glob("*/*.json"))]
    expected = [{"name": "eve", "at": "frames", "reason": "eve: no face", "remedy": "film again"}]
    assert verdict.rejections(cards, {}) == expected


def test_gather_and_show(tmp_path: Path):
    (tmp_path / "ann.h5").write_bytes(b"data")
    write_card(tmp_path / "ann.h5", "cache", "ann", {})
    write_rejection(tmp_path / "eve.h5", "cache", "eve", "eve: no face", "film again", "frames")
    run = CliRunner().invoke

    good = ["gather", "--output", str(tmp_path / "all.json"), str(tmp_path / "ann.json")]
    assert run(verdict.command, good).exit_code == 0
    assert run(verdict.command, ["show", str(tmp_path / "all.json")]).exit_code == 0

    bad = [*good, str(tmp_path / "eve.json"), "--problems", '{"no body": "rename no body"}']
    assert run(verdict.command, bad).exit_code == 0
    shown = run(verdict.command, ["show", str(tmp_path / "all.json")])
    assert shown.exit_code == 1
    assert "eve: no face" in shown.output and "film again" in shown.output and "rename no body" in shown.output
