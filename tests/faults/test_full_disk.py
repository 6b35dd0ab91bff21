"""No space left, while a stage writes and under Snakemake; a file system that is read-only."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from faults.jobs import JobServer, commands
from faults.small_disk import Mounts
from workflow.project import Project

from h2h.stages import STAGES

PAGE = 4096


def fill(mounts: Mounts, folder: Path, kept: list[Path], spare: int) -> None:
    """Put a file system over a folder, with these of its files and `spare` bytes of room (whole pages)."""
    mounts.tmpfs(folder, 1 << 28)
    for path in kept:
        target = mounts.see(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    used = sum(-(-path.stat().st_size // PAGE) * PAGE for path in kept)
    with open(mounts.see(folder) / ".ballast", "wb", buffering=0) as ballast:
        ballast.write(bytes(PAGE))
    mounts.tmpfs(folder, used + PAGE + spare // PAGE * PAGE)


def make_room(mounts: Mounts, folder: Path) -> None:
    mounts.tmpfs(folder, 1 << 28)
    (mounts.see(folder) / ".ballast").unlink()


def bring_back(mounts: Mounts, folder: Path) -> None:
    """End a file system; what is new in it comes into the folder."""
    for path in mounts.see(folder).rglob("*"):
        target = folder / path.relative_to(mounts.see(folder))
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    mounts.unmount(folder)


def one_stage(project: Project, mounts: Mounts, server: JobServer, stage: str, job: list[str]) -> list[str]:
    """Run a job on a full disk, and again with room; returns what was wrong."""
    output = project.path / job[job.index("--output") + 1]
    reports, card = project.path / "reports", output.with_suffix(".json")
    made = [output, card, output.with_suffix(".md")]
    before = card.read_bytes() if card.exists() else None
    folder, kept, size = output.parent, [], output.stat().st_size if output.exists() else 0
    if reports in output.parents:
        folder, kept, size = reports, [path for path in reports.rglob("*") if path.is_file() and path not in made], 0
    folder.mkdir(parents=True, exist_ok=True)
    fill(mounts, folder, kept, int(0.6 * size) if size > 4 * PAGE else 0)
    code, told = server.run(job)
    wrong = []
    if code != 2 or "no space is left on the disk for" not in told or "What to do: free some space" not in told:
        wrong.append(f"{stage}: exit {code}, {told[-1500:]}")
    left = [str(path) for path in made if mounts.see(path).exists()] + list(
        map(str, mounts.see(folder).rglob(".tmp-*"))
    )
    if left or "Traceback" in told:
        wrong.append(f"{stage}: {left} is left, {told[-3000:]}")
    make_room(mounts, folder)
    code, told = server.run(job)
    found = mounts.see(card).read_bytes() if mounts.see(card).exists() else None
    page = reports in output.parents  # which says when things ran, and what they cost
    if code or found is None or (before is not None and not page and found != before):
        wrong.append(f"{stage}, again: exit {code}, {told[-1500:]}")
    bring_back(mounts, folder)
    return wrong


@pytest.mark.fault
@pytest.mark.row(
    "full disk",
    "while each stage writes",
    "exit 2; names the artifact and the free space; neither artifact nor card; then the same command gives the same",
)
def test_every_stage_on_a_full_disk(project: Project, mounts: Mounts, seen):
    project.set("tables.flows", {"title": "flows", "rows": ["flow_facial"], "full": True})
    project.set("tables.table1", {**project.params()["tables"]["table1"], "transfers": True})
    jobs = commands(project, "all", "flows")
    assert set(STAGES) - set(jobs) == {"round_trip", "detector"}  # for which the tiny project has too few people
    with JobServer(mounts.project(project)) as server:
        made = [stage for stage in STAGES if stage in jobs]
        wrong = [line for stage in made for line in one_stage(project, mounts, server, stage, jobs[stage])]
    assert not wrong, "\n".join(wrong)
    seen(f"{len(made)} stages: exit 2, `no space is left on the disk for work/STAGE/NAME.h5`; then the same bytes")


@pytest.mark.row(
    "full disk",
    "work/nmfc, under Snakemake",
    "exit 1; one person's job fails and says why; the others' results stay; the same command finishes",
)
def test_snakemake_on_a_full_disk(project: Project, mounts: Mounts, seen):
    folder = project.path / "work/nmfc"
    for suffix in (".h5", ".json"):
        (folder / "ann").with_suffix(suffix).unlink()
    fill(mounts, folder, sorted(folder.iterdir()), 8 * PAGE)
    inside = mounts.project(project)
    run = inside.snakemake("stage_nmfc", check=False)
    assert run.returncode == 1
    assert "nmfc ann: no space is left on the disk for work/nmfc/ann.h5" in run.stderr and "Traceback" not in run.stderr
    assert {path.name for path in mounts.see(folder).iterdir()} == {
        ".ballast",
        *(path.name for path in folder.iterdir()),
    }
    make_room(mounts, folder)
    inside.snakemake("stage_nmfc")
    assert (mounts.see(folder) / "ann.json").exists()
    assert inside.plan("stage_nmfc") == {}
    seen("exit 1: `nmfc ann: no space is left on the disk for work/nmfc/ann.h5 (...)`; then only that job runs")


@pytest.mark.fault
@pytest.mark.row(
    "full disk",
    "the whole project",
    "no exit 0; nothing half-written counts; the same command finishes",
)
def test_a_project_on_a_full_disk(finished: Project, mounts: Mounts, tmp_path: Path, seen):
    folder = tmp_path / "disk"
    (folder / "project").mkdir(parents=True)  # where a command starts before it enters the namespace
    mounts.tmpfs(folder, 1 << 30)
    shutil.copytree(finished.path, mounts.see(folder) / "project", symlinks=True)
    (mounts.see(folder) / "project/work/nmfc/ann.h5").unlink()
    (mounts.see(folder) / "project/work/nmfc/ann.json").unlink()
    ballast = mounts.see(folder) / "ballast"
    with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:  # until it is full
            file.write(bytes(PAGE))
    inside = mounts.project(Project(folder / "project"))
    run = inside.snakemake("stage_nmfc", check=False)
    assert run.returncode != 0 and "space" in run.stderr
    assert not (mounts.see(folder) / "project/work/nmfc/ann.json").exists()
    ballast.unlink()
    inside.snakemake("stage_nmfc")
    assert inside.plan("all") == {}
    seen("an error that names the space, and no card; with room again the same command finishes, and the plan is empty")


@pytest.mark.row(
    "read-only disk",
    "the work folder",
    "exit 1 before the first job, with the folder and what to do; the same command finishes later",
)
def test_a_read_only_work_folder(project: Project, mounts: Mounts, seen):
    (project.path / "work/nmfc/ann.h5").unlink()
    inside = mounts.project(project)
    mounts.read_only(project.path / "work")
    run = inside.snakemake("stage_nmfc", check=False)
    assert run.returncode == 1
    assert "/_prov.json is on a file system that is read-only" in run.stderr and "What to do" in run.stderr
    assert "Traceback" not in run.stderr
    assert project.plan("stage_nmfc") == {"nmfc": 1}
    seen("exit 1: `work/STAGE/_prov.json is on a file system that is read-only`, and nothing was begun")
