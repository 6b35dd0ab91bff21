"""kill -9 of a job, of Snakemake and of DVC."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from workflow.counts import EVALUATION
from workflow.project import Project

JOB = "exit 1; says which job and why; its artifact is not done; the same command finishes"
RUN = "its jobs end with it; nothing half-written counts; the same command finishes"


@pytest.mark.row("kill -9", "a job", JOB)
def test_a_killed_job(project: Project, seen):
    project.set("evaluate.bootstrap", 11)
    with project.started("snakemake", "stage_evaluate", stderr=subprocess.PIPE) as run:
        os.kill(project.wait_for("evaluate")[0], signal.SIGKILL)
        told = run.stderr.read().decode()
    assert run.returncode == 1
    name = next(name for name in ("ours", "nearest_frame") if f"The job evaluate {name}.ann was killed" in told)
    assert "memory ran out" in told and "What to do" in told and "Traceback" not in told
    assert not (project.path / f"work/evaluate/{name}.ann.json").exists()
    other = {"ours", "nearest_frame"}.difference({name}).pop()
    assert (project.path / f"work/evaluate/{other}.ann.json").exists()
    assert project.plan("stage_evaluate") == {"evaluate": 1}
    project.snakemake("stage_evaluate")
    assert project.plan("stage_evaluate") == {}
    seen(
        f"exit 1: `The job evaluate {name}.ann was killed from outside (signal 9)`; then only it runs again".replace(
            name, "METHOD"
        )
    )


@pytest.mark.fault
@pytest.mark.row("kill -9", "Snakemake", RUN)
def test_a_killed_snakemake(project: Project, seen):
    project.set("evaluate.bootstrap", 12)
    with project.started("snakemake", "all") as run:
        project.wait_for("evaluate")
        run.kill()
        run.wait()
        project.wait_for("evaluate", gone=True)
    assert project.plan("all") == EVALUATION
    project.snakemake("all")
    assert project.plan("all") == {}
    seen("no process is left; the plan is what it was; the same command finishes")


@pytest.mark.fault
@pytest.mark.row("kill -9", "`dvc repro`", RUN)
def test_a_killed_dvc(project: Project, seen):
    project.set("evaluate.bootstrap", 13)
    with project.started("dvc", "repro") as run:  # the Snakemake that it started ends with it, and so on
        project.wait_for("evaluate")
        run.kill()
        run.wait()  # until then the process still has its number, and DVC takes it for alive
        project.wait_for("stage_evaluate", gone=True)
        project.wait_for("evaluate", gone=True)
    assert "evaluate" in project.repro()
    assert project.plan("all") == {}
    assert "up to date" in project.dvc("status").stdout
    seen("no process is left; the same command finishes, and DVC says up to date")
