"""Nothing has been touched, or something has: a record, an artifact, another input, DVC's copy of the records."""

from __future__ import annotations

import json
import os
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
