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


def test_it_fails_if_anybody_was_left_out(tmp_path: Path):
    (tmp_path / "ann.h5").write_bytes(b"data")
    write_card(tmp_path / "ann.h5", "cache", "ann", {})
    write_rejection(tmp_path / "eve.h5", "cache", "eve", "eve: no face", "film again", "frames")
    run, output = CliRunner().invoke, tmp_path / "verdict" / "all.json"
    output.parent.mkdir()

    good = ["--output", str(output), str(tmp_path / "ann.json")]
    shown = run(verdict.command, [*good, str(tmp_path / "eve.json"), "--problems", '{"no body": "rename no body"}'])
    assert shown.exit_code == 1 and not output.exists()
    assert "eve: no face" in shown.output and "film again" in shown.output and "rename no body" in shown.output

    done = run(verdict.command, good)
    assert done.exit_code == 0 and not done.output and read_card(output)["status"] == "done"
