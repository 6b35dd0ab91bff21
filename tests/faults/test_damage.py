"""Artifacts, cards and records whose bytes have changed on the disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from faults.jobs import commands
from workflow.project import Project

H2H = (sys.executable, "-m", "h2h.cli")


def flip(path: Path, place: float = 0.5) -> None:
    """Change one bit of a file, and not its modification time."""
    import os

    stat, data = path.stat(), bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 0x10
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.row(
    "damaged artifact",
    "one bit of work/nmfc/ann.h5",
    "the job that reads it ends with exit 2 and names it; it alone is made again",
)
def test_a_flipped_bit_is_noticed(project: Project, seen):
    path = project.path / "work/nmfc/ann.h5"
    flip(path)
    job = commands(project, "work/cache/ann.json")["cache"]
    (project.path / "work/cache/ann.json").unlink()
    run = project.run(*H2H, *job, check=False)
    assert run.returncode == 2 and "Traceback" not in run.stderr
    assert "work/nmfc/ann.h5 is damaged, and was removed" in run.stderr and "What to do" in run.stderr
    assert not path.exists() and not (project.path / "work/cache/ann.json").exists()
    plan = project.plan("stage_cache")
    assert plan == {"nmfc": 1, "cache": 1}
    seen("exit 2: `work/nmfc/ann.h5 is damaged, and was removed: its SHA-256 is not ...`; then one nmfc job")


@pytest.mark.fault
@pytest.mark.row(
    "damaged artifact",
    "a flipped bit and a truncation, in two people's files",
    "exit 1; both are named; the third person's work goes on; the same command makes the same bytes again",
)
def test_damaged_files_are_made_again_alone(project: Project, seen):
    flip(project.path / "work/nmfc/ann.h5", 0.9)
    cut(project.path / "work/flow/bea.h5")
    project.set("cache.chunk_frames", 2)
    run = project.snakemake("stage_cache", check=False)
    assert run.returncode == 1
    for name in ("nmfc/ann", "flow/bea"):
        assert f"work/{name}.h5 is damaged, and was removed" in run.stderr
        assert not (project.path / f"work/{name}.h5").exists()
    assert project.plan("stage_cache") == {"nmfc": 1, "flow": 1, "cache": 2}
    project.snakemake("stage_cache")
    checked = project.run(*H2H, "cache", "check")
    assert "0 damaged" in checked.stdout
    seen("exit 1: both named and removed, cyd's cache made; then nmfc 1, flow 1, cache 2; all checksums right")


@pytest.mark.row(
    "damaged artifact",
    "that no job reads: `h2h cache check`",
    "exit 1 and its name; with --remove the next run makes it again, and nothing else",
)
def test_cache_check_finds_what_nobody_reads(project: Project, seen):
    assert "0 damaged" in project.run(*H2H, "cache", "check").stdout
    flip(project.path / "work/pretrain/ours.default.safetensors")
    found = project.run(*H2H, "cache", "check", check=False)
    assert found.returncode == 1 and "damaged: work/pretrain/ours.default.safetensors" in found.stdout
    assert project.run(*H2H, "cache", "check", "--remove", check=False).returncode == 1
    assert project.plan("all") == {"pretrain": 1}
    seen("exit 1: `damaged: work/pretrain/ours.default.safetensors`; then one pretrain job")


@pytest.mark.fault
@pytest.mark.row("damaged card", "a card of zeros", "exit 1; the card is named; without it, it alone is made again")
def test_a_damaged_card(project: Project, seen):
    card = project.path / "work/nmfc/ann.json"
    before = card.read_bytes()
    card.write_bytes(bytes(len(before)))
    run = project.snakemake("stage_cache", check=False)
    assert run.returncode == 1 and "work/nmfc/ann.json is damaged" in run.stderr and "delete it" in run.stderr
    assert "Traceback" not in run.stderr
    card.unlink()
    project.snakemake("stage_nmfc")
    assert card.read_bytes() == before
    seen("exit 1: `work/nmfc/ann.json is damaged`")


@pytest.mark.row(
    "damaged records",
    "Snakemake's record and work/STAGE/_prov.json, bytes that are no text",
    "no crash; the record that is whole counts",
)
def test_damaged_records(project: Project, seen):
    from h2h.provenance.dvc_stages import RECORDS_FILE

    records = sorted((project.path / ".snakemake/metadata").iterdir())
    (project.path / "work/nmfc" / RECORDS_FILE).write_bytes(b"\xff\xfe\x00{")
    (project.path / ".snakemake/h2h_seen.json").write_bytes(b"\xff\xfe\x00{")
    assert records
    assert project.plan("all") == {}
    seen("the plan stays empty")
