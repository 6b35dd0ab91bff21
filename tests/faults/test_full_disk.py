"""No space left, while a stage writes and under Snakemake; a file system that is read-only."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from faults.jobs import JobServer, commands
from faults.small_disk import Mounts
from workflow.project import Project

PAGE = 4096
ORDER = (
    "frames", "matting", "landmarks", "head_model", "tracking", "nmfc", "flow_data", "flow_pretrain", "flow_finetune",
    "flow", "cache", "pretrain", "finetune", "synthesize", "evaluate", "tables", "metrics", "report",
)  # fmt: skip


def copy_into(mounts: Mounts, folder: Path, kept: list[Path], spare: int) -> None:
    """Put a file system over a folder, with these of its files and `spare` bytes of room."""
    mounts.tmpfs(folder, 1 << 28)
    for path in kept:
        target = mounts.see(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    used = sum(-(-path.stat().st_size // PAGE) * PAGE for path in kept)
    mounts.tmpfs(folder, max(used + spare // PAGE * PAGE, PAGE))
    if spare < PAGE:
        with open(mounts.see(folder) / ".ballast", "wb", buffering=0) as ballast:
            ballast.write(bytes(PAGE))


def make_room(mounts: Mounts, folder: Path) -> None:
    mounts.tmpfs(folder, 1 << 28)
    (mounts.see(folder) / ".ballast").unlink(missing_ok=True)


def failed_cleanly(code: int, told: str, stage: str) -> bool:
    """Whether a job ended as it must on a full disk."""
    return (
        code == 2
        and "no space is left on the disk for" in told
        and "What to do: free some space" in told
        and "Traceback" not in told
    )


@pytest.mark.fault
@pytest.mark.row(
    "full disk",
    "while each stage writes",
    "exit 2; names the artifact and the free space; neither artifact nor card; then the same command gives the same",
)
def test_every_stage_on_a_full_disk(project: Project, mounts: Mounts, seen):
    project.set("tables.flows", {"title": "flows", "rows": ["flow_facial"], "full": True})
    jobs = commands(project, "all", "flows")
    assert set(jobs) == {*ORDER, "verdict"}
    wrong = []
    with JobServer(mounts.project(project)) as server:
        for stage in ORDER:
            output = project.path / jobs[stage][jobs[stage].index("--output") + 1]
            folder = project.path / ("reports" if "reports" in jobs[stage][-1] + str(output) else output.parent)
            folder.mkdir(parents=True, exist_ok=True)
            made = {output, output.with_suffix(".json"), output.with_suffix(".md")}
            kept = [
                path for path in folder.rglob("*") if path.is_file() and folder.name == "reports" and path not in made
            ]
            size = output.stat().st_size if output.exists() else 0
            card = output.with_suffix(".json").read_bytes() if output.with_suffix(".json").exists() else None
            copy_into(mounts, folder, kept, 0 if size < 4 * PAGE else int(0.6 * size))
            code, told = server.run(jobs[stage])
            left = {path.name for path in mounts.see(folder).rglob("*")} & {path.name for path in made}
            half = [path.name for path in mounts.see(folder).rglob(".tmp-*")]
            if not failed_cleanly(code, told, stage) or left or half:
                wrong.append((stage, code, sorted(left), half, told[-1500:]))
            make_room(mounts, folder)
            code, told = server.run(jobs[stage])
            again = mounts.see(output.with_suffix(".json"))
            if code or (card is not None and again.read_bytes() != card):
                wrong.append((stage, "again", code, told[-1500:]))
    assert not wrong
    seen(f"{len(ORDER)} stages: exit 2, `no space is left on the disk for work/STAGE/NAME.h5`; then the same bytes")


@pytest.mark.row(
    "full disk",
    "work/nmfc, under Snakemake",
    "exit 1; one person's job fails and says why; the others' results stay; the same command finishes",
)
def test_snakemake_on_a_full_disk(project: Project, mounts: Mounts, seen):
    folder = project.path / "work/nmfc"
    for suffix in (".h5", ".json"):
        (folder / "ann").with_suffix(suffix).unlink()
    copy_into(mounts, folder, sorted(folder.iterdir()), 8 * PAGE)
    inside = mounts.project(project)
    run = inside.snakemake("stage_nmfc", check=False)
    print(run.stderr[-3500:])
    assert run.returncode == 1
    assert "nmfc ann: no space is left on the disk for work/nmfc/ann.h5" in run.stderr and "Traceback" not in run.stderr
    assert {path.name for path in mounts.see(folder).iterdir()} == {path.name for path in folder.iterdir()}
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
    folder.mkdir()
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
    seen("")


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
