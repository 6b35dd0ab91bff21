"""`h2h doctor` names a file for all weights, and says which are there."""

import shutil
from pathlib import Path

from click.testing import CliRunner

from h2h.commands.doctor import OPTIONAL_WEIGHTS, command

ROOT = Path(__file__).parents[2]
FLOWNET2 = "models/FlowNet2_checkpoint.pth.tar"


def told() -> str:
    return CliRunner().invoke(command, catch_exceptions=False).output


def test_every_missing_file_has_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    assert "no file is named (flow_pretrain.weights)" in told()  # without the other profile, which names it
    shutil.copytree(ROOT / "params", tmp_path / "params")
    said = told()
    assert "no file is named" not in said and said.count("  missing  ") == len(OPTIONAL_WEIGHTS)
    assert f"{FLOWNET2} (flow_pretrain.weights of the profile paper; empty in this one)" in said
    (tmp_path / "models").mkdir()
    (tmp_path / FLOWNET2).write_bytes(b"weights")
    assert told().count("  missing  ") == len(OPTIONAL_WEIGHTS) - 1
