"""Who was left out is told once, with the reason and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from h2h import layout
from h2h.commands import verdict
from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.cards import read_card, write_card, write_rejection

ROOT = Path(__file__).parents[2]


def test_a_rejection_passed_on_is_told_once(tmp_path: Path):
    for stage, name in (("cache", "eve"), ("finetune", "ours.eve"), ("evaluate", "ours.eve")):
        write_rejection(tmp_path / stage / f"{name}.h5", stage, name, "eve: no face", "film again", "frames")
    cards = [read_card(path) for path in sorted(tmp_path.glob("*/*.json"))]
    expected = [{"name": "eve", "at": "frames", "reason": "eve: no face", "remedy": "film again"}]
    assert verdict.rejections(cards, {}) == expected


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> layout.Wanted:
    """The demo's project, nothing of it made."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text((ROOT / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("audun", "franck", "jolly", "langer", "obama"):
        Path("data/identities", name).mkdir(parents=True)
    params = load_params()
    return layout.goal_of(params, layout.cast(params), "quickstart")


def test_a_run_that_has_not_finished_is_told(project: layout.Wanted):
    with pytest.raises(UserError, match=r"has not finished: work/cache/audun\.json"):
        verdict.command.callback("quickstart", Path("verdict.json"))
    assert not Path("verdict.json").exists()


def test_it_fails_if_anybody_was_left_out(project: layout.Wanted):
    cards = layout.telling(layout.cast(load_params()), project)
    for stage, name in cards:
        data = Path("work", stage, f"{name}.{'safetensors' if stage == 'finetune' else 'h5'}")
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_bytes(b"data")
        write_card(data, stage, name, {})
    output = Path("work/verdict_of/quickstart.json")
    output.parent.mkdir()

    def run():
        return CliRunner().invoke(verdict.command, ["--scope", "quickstart", "--output", str(output)])

    write_rejection(Path("work/cache/jolly.h5"), "cache", "jolly", "jolly: no face", "film again", "frames")
    Path("data/identities/no body").mkdir()
    shown = run()
    assert shown.exit_code == 1 and not output.exists()
    assert "jolly: no face" in shown.output and "film again" in shown.output and "rename the folder" in shown.output

    Path("data/identities/no body").rmdir()
    Path("work/cache/jolly.h5").write_bytes(b"data")
    write_card(Path("work/cache/jolly.h5"), "cache", "jolly", {})
    done = run()
    assert done.exit_code == 0 and not done.output and read_card(output)["status"] == "done"
