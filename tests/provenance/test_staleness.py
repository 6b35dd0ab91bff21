"""Outputs whose inputs are others now."""

from __future__ import annotations

from pathlib import Path

from provenance.recorded import write_record

from h2h import provenance
from h2h.provenance.staleness import checksum_of


def test_outputs_with_other_inputs_are_aged(folder: Path):
    outputs = [provenance.Outputs("work/matting")]
    for name in ("work/frames/ann.json", "work/matting/ann.json", "work/matting/bea.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("{}")
    same = checksum_of("work/frames/ann.json")
    write_record("work/matting/ann.json", input_checksums={"work/frames/ann.json": same})
    write_record("work/matting/bea.json", input_checksums={"work/frames/ann.json": "sha256:0"})
    provenance.age_stale_outputs(outputs)
    assert Path("work/matting/ann.json").stat().st_mtime > 1
    assert Path("work/matting/bea.json").stat().st_mtime == 1
