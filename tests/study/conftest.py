"""A small study."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from study_project import make_work

from h2h.commands.study_build import command as build
from h2h.io.study_folder import StudyFolder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with four clips to rate and two comparisons; not to be changed."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "params.yaml", folder)
    make_work(folder / "work")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("H2H_SIGNING_KEY", str(folder / "signing"))
        options = ["-o", "study", "--work", "work", "--seconds", "1", "--about", "Cy </script><b>asks</b>"]
        done = CliRunner().invoke(build, options, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder / "study"


@pytest.fixture
def study(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    """A copy of it in a project's folder."""
    monkeypatch.chdir(built.parent)
    shutil.copytree(built, tmp_path / "study")
    return StudyFolder(tmp_path / "study")
