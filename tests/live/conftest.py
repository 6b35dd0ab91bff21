"""A person to drive, and a head model for those who drive."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "person"))
from one_person import make_project

from h2h.config import load_params
from h2h.person.export import export_person
from h2h.person.person import Person
from h2h.tracking.anny_head import build_anny_head


@pytest.fixture(scope="session")
def small_head():
    """The open head model from few samples."""
    return build_anny_head(samples=200, identity=8, expression=10, seed=3)


@pytest.fixture(scope="session")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person of 32 px whose network has random weights; `ann.h2hperson` lies in her project's folder."""
    folder = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_project(folder)
        return export_person(load_params(), "ours", "ann", folder / "ann.h2hperson")
