"""Clones, checkouts and DVC's experiments: artifacts and records travel together."""

from __future__ import annotations

from pathlib import Path

import pytest
from workflow.counts import EVALUATION
from workflow.project import Project

# (1) records travel


def test_clone_and_pull_has_nothing_to_do_and_parameters_still_count(project: Project, tmp_path: Path):
    project.run("dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    project.commit("remote")
    project.dvc("push", "-q")
    project.run("git", "clone", "-q", str(project.path), str(tmp_path / "a clone"))
    clone = Project(tmp_path / "a clone")
    clone.dvc("pull", "-q")
    assert clone.plan("all") == {}
    assert clone.plan("quickstart") == {"quickstart_verdict": 1}
    clone.set("evaluate.bootstrap", 11)
    assert clone.plan("all") == EVALUATION


# (4) versions and experiments


def test_dvc_runs_the_same_stages_and_a_checkout_is_exact(project: Project):
    project.set("evaluate.bootstrap", 11)
    assert project.repro() == {
        "evaluate", "transfers", "quickstart", "tables", "person_page", "experiment_page", "table_page", "tables_pdf",
        "figure_page", "report", "verdict", "round_trip", "detector",
    }  # fmt: skip
    assert project.plan("all") == {}
    assert project.repro() == set()
    project.commit("changed")

    project.run("git", "checkout", "-q", "HEAD~1")
    assert project.plan("all") == EVALUATION  # the parameters are old, the artifacts are not
    project.dvc("checkout", "-q")
    assert project.plan("all") == {}
    project.run("git", "checkout", "-q", "-")
    project.dvc("checkout", "-q")
    assert project.plan("all") == {}
    assert project.params()["evaluate"]["bootstrap"] == 11
    project.set("evaluate.bootstrap", 12)
    assert project.plan("all") == EVALUATION


def test_experiments_are_exact(plain: Project):
    plain.dvc("exp", "run", "-q", "-n", "here", "-S", "evaluate.bootstrap=11")
    assert plain.plan("all") == {}
    plain.run("git", "checkout", "-q", ".")
    plain.dvc("checkout", "-q")
    assert plain.plan("all") == {}

    plain.dvc("exp", "run", "-q", "--queue", "-n", "queued", "-S", "evaluate.bootstrap=12")
    plain.dvc("exp", "run", "-q", "--run-all")
    apply(plain, {"queued": 12, "here": 11})


@pytest.mark.slow
def test_an_experiment_in_a_temporary_folder_is_exact(plain: Project):
    plain.dvc("exp", "run", "-q", "--temp", "-n", "aside", "-S", "evaluate.bootstrap=13")
    apply(plain, {"aside": 13})


def apply(project: Project, experiments: dict[str, int]) -> None:
    """Bring each experiment into the workspace, which nothing has changed before."""
    assert project.params()["evaluate"]["bootstrap"] == 10
    assert project.plan("all") == {}
    for name, value in experiments.items():
        project.dvc("exp", "apply", "-q", name)
        assert project.params()["evaluate"]["bootstrap"] == value
        assert project.plan("all") == {}
        assert "up to date" in project.dvc("status").stdout
    shown = project.dvc("exp", "show", "--csv").stdout
    assert all(name in shown for name in experiments)
