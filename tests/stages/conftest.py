"""A report, made once for the tests that look at it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from report_project import make_project, media, pages, write_tables


@pytest.fixture(scope="session")
def report_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its whole report; not to be changed."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("H2H_SIGNING_KEY", str(folder / "signing"))
        make_project(folder)
        write_tables(folder)
        media()
        pages()
    return folder
