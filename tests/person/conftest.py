"""A project with one fine-tuned person, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_person import make_project

from h2h.config import load_params
from h2h.person.export import export_person


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle; read only. Its project is its folder."""
    folder = tmp_path_factory.mktemp("giver")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_project(folder)
        export_person(load_params(), "ours", "ann", Path("ann.h2hperson"))
    return folder / "ann.h2hperson"
