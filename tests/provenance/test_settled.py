"""Nothing has been touched, or something has: a record, an artifact, another input, DVC's copy of the records."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from provenance.recorded import write_record

from h2h import provenance
from h2h.provenance.staleness import checksum_of

OUTPUTS = [provenance.Outputs("work/frames"), provenance.Outputs("work/report", ("reports/people", "reports/a.html"))]
CARD, PAGE, NESTED, STUDY = "work/frames/ann.json", "reports/a.html", "reports/people/ann/b.mp4", "study/tables.md"


@pytest.fixture
def settled(folder: Path) -> Path:
    for name in (CARD, PAGE, NESTED, STUDY):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("{}")
        os.utime(name, (1e9, 1e9))
    write_record(CARD)
    write_record(PAGE, input_checksums={CARD: checksum_of(CARD), STUDY: checksum_of(STUDY)})
    provenance.bring_together(OUTPUTS)
    assert provenance.is_settled(OUTPUTS)
    return folder


@pytest.mark.parametrize(
    "touch",
    [
        lambda: Path(CARD).write_text('{"other": 1}'),
        lambda: Path(CARD).unlink(),
        lambda: Path("work/frames/bea.json").write_text("{}"),
        lambda: Path(NESTED).write_text("new"),
        lambda: Path(STUDY).write_text("of others"),
        lambda: write_record(CARD, params=["'b'"]),
        lambda: Path("work/frames/_prov.json").write_text("{}"),
        lambda: Path(".snakemake/h2h_settled.json").write_text("[]"),
    ],
)
def test_a_touched_file_is_seen(settled: Path, touch: Callable[[], object]):
    touch()
    assert not provenance.is_settled(OUTPUTS)
    provenance.bring_together(OUTPUTS)
    assert provenance.is_settled(OUTPUTS)


def test_what_follows_from_a_touched_input_is_aged(settled: Path):
    Path(STUDY).write_text("of others")
    provenance.bring_together(OUTPUTS)
    assert Path(PAGE).stat().st_mtime == 1 and Path(CARD).stat().st_mtime == 1e9


def test_nothing_is_read_or_written_while_nothing_is_touched(settled: Path, monkeypatch: pytest.MonkeyPatch):
    def never(*_):
        raise AssertionError("records were read")

    for name in ("restore_records", "age_stale_outputs", "export_records"):
        monkeypatch.setattr(provenance, name, never)
    provenance.bring_together(OUTPUTS)
    travelled = json.loads(Path("work/frames/_prov.json").read_text())
    assert list(travelled) == [CARD]


def test_a_run_ages_what_it_left_behind(settled: Path):
    """An input that was made anew and is no younger than its old output, as a clock that went back leaves it."""
    Path(CARD).write_text('{"other": 1}')
    os.utime(CARD, (5e8, 5e8))
    provenance.take_along(OUTPUTS)
    assert provenance.is_settled(OUTPUTS) and Path(PAGE).stat().st_mtime == 1


def test_a_mended_clock_does_not_make_a_killed_runs_record_an_old_one(settled: Path):
    """The run that made the card anew was killed before it wrote the stage's records; its clock was ahead."""
    Path(CARD).write_text('{"other": 1}')
    future = time.time() + 1000
    os.utime(CARD, (future, future))
    record = write_record(CARD, params=["'b'"], endtime=future)
    provenance.bring_together(OUTPUTS)
    assert json.loads(record.read_text())["params"] == ["'b'"]
    assert Path(CARD).stat().st_mtime <= time.time()


def test_what_a_link_leads_to_counts(settled: Path):
    real = settled / "elsewhere.md"
    Path(STUDY).rename(real)
    Path(STUDY).symlink_to(real)
    provenance.bring_together(OUTPUTS)
    real.write_text("of others")
    os.utime(real, (5e8, 5e8))
    assert not provenance.is_settled(OUTPUTS)


def test_another_run_meanwhile(settled: Path, monkeypatch: pytest.MonkeyPatch):
    """A record that appears while the others are written has not been: nothing is settled then."""
    write_record(CARD, params=["'b'"])
    export = provenance.export_records

    def during(outputs):
        export(outputs)
        write_record(PAGE, params=["'late'"])

    monkeypatch.setattr(provenance, "export_records", during)
    provenance.take_along(OUTPUTS)
    assert not provenance.is_settled(OUTPUTS)
