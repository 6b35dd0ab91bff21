"""Records travel with the artifacts."""

from __future__ import annotations

import json
from pathlib import Path

from provenance.recorded import write_record

from h2h import provenance
from h2h.provenance import records


def test_records_travel_without_times(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card = Path("work/frames/ann.json")
    card.parent.mkdir(parents=True)
    card.write_text("{}")
    record = write_record(str(card), endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    travelled = json.loads(outputs[0].records.read_text())[str(card)]
    assert travelled["params"] == ["'a'"] and "starttime" not in travelled and "endtime" not in travelled

    record.unlink()  # a clone has the artifacts and nothing else
    records._SEEN.unlink()
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]


def test_a_replaced_folder_brings_its_own_records(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card, other = Path("work/frames/ann.json"), Path("work/frames/bea.json")
    card.parent.mkdir(parents=True)
    for path in (card, other):
        path.write_text("{}")
        write_record(str(path), endtime=path.stat().st_mtime)
    provenance.export_records(outputs)
    old = outputs[0].records.read_text()
    record = write_record(str(card), params=["'b'"], endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    outputs[0].records.write_text(old)  # what `dvc checkout` of the older version does
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]


def test_a_record_of_another_file_is_not_believed(folder: Path):
    outputs = [provenance.Outputs("work/frames")]
    card = Path("work/frames/ann.json")
    card.parent.mkdir(parents=True)
    card.write_text("{}")
    write_record(str(card), endtime=card.stat().st_mtime)
    provenance.export_records(outputs)
    # a run that was killed before it exported made the card anew; then DVC put the old one back
    record = write_record(str(card), params=["'b'"], endtime=card.stat().st_mtime + 60)
    provenance.restore_records(outputs)
    assert json.loads(record.read_text())["params"] == ["'a'"]
