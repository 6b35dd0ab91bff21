"""The tiny project, made once for all the processes of a test run; every test works in a copy of it.

Most questions are asked with `snakemake -n`, whose answer is what Snakemake would do.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from workflow.project import Project

ODD = "größer 日本 it's"  # paths that people have: spaces, other alphabets, a quote


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """A project where everything is done and committed; read only."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent  # pytest-xdist gives every worker a folder in it
    with FileLock(shared / "workflow.lock"):
        project = Project(shared / "workflow" / ODD)
        if not (shared / "workflow.done").exists():
            project = Project.create(project.path)
            project.snakemake("all")
            project.dvc("commit", "-q", "-f")  # quicker than `dvc repro`, and right because everything is done
            project.commit("finished")
            (shared / "workflow.done").touch()
    return project


@pytest.fixture
def plain(finished: Project, tmp_path: Path) -> Project:
    """In a folder of ASCII letters: DVC's experiments in folders of their own cannot be in any other."""
    return finished.copy(tmp_path / "my project")


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    return finished.copy(tmp_path / f"my {ODD}")
