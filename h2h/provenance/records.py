"""Snakemake's records, which travel with the artifacts.

Snakemake keeps one record a file in `.snakemake/metadata` (the job's params, input set and input checksums).
Those records belong to the artifacts, so they travel with them: `export_records` writes them into
`work/STAGE/_prov.json`, which is a part of the DVC output, and `restore_records` reads them back after DVC
has brought another version (a clone and pull, `git checkout` and `dvc checkout`, an experiment). Without
them a fresh clone would run everything again, and changed parameters would go unnoticed.
"""

from __future__ import annotations

import base64
import functools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from h2h.io.atomic import write_json
from h2h.provenance.dvc_stages import Outputs
from h2h.provenance.state import METADATA, STATE, digest_of, read_json

AGED = 1  # a modification time that is surely older than any input; Snakemake takes 0 for "unknown"
_SEEN = STATE / "h2h_seen.json"  # stage folder -> digest of the _prov.json that .snakemake agrees with
# What Snakemake compares. Times, this machine's paths and job numbers stay behind, so that the
# same artifacts give the same _prov.json everywhere.
_KEPT = ("rule", "input", "params", "record_format_version", "software_stack_hash", "input_checksums")


def export_records(outputs: Iterable[Outputs]) -> None:
    """Write each stage's records beside its artifacts, if they have changed."""
    outputs, seen = list(outputs), read_json(_SEEN)
    owner, records = owner_in(outputs), {stage.folder: {} for stage in outputs}
    for path, file in record_files():
        if (folder := owner(path)) is not None and os.path.exists(path):
            record = read_record(file)
            records[folder][path] = {key: record.get(key) for key in _KEPT}
    for stage in outputs:
        if own := records[stage.folder]:
            if read_record(stage.records) != own:
                write_json(stage.records, own)
            seen[stage.folder] = digest_of(stage.records)
    write_json(_SEEN, seen)


def restore_records(outputs: Iterable[Outputs]) -> None:
    """Take over the records of every stage folder that DVC has replaced since the last export.

    A whole folder is taken over when its `_prov.json` is not the one we last saw. A single record is
    taken over when the file is not the one it was made for (Snakemake records its modification time),
    as after a killed run whose outputs `dvc checkout` then replaced.
    """
    outputs, seen = list(outputs), read_json(_SEEN)
    owner, current = owner_in(outputs), dict(record_files())
    for stage in outputs:
        digest = digest_of(stage.records)
        travelled = read_record(stage.records)
        replaced = digest is not None and digest != seen.get(stage.folder)
        for path in current if replaced else ():
            if owner(path) == stage.folder and path not in travelled:
                os.unlink(current[path])
        for path, record in travelled.items():
            if os.path.exists(path) and (replaced or not _describes(current.get(path), path)):
                write_json(record_file(path), record)
        if replaced:
            seen[stage.folder] = digest
    (STATE / "incomplete").mkdir(parents=True, exist_ok=True)  # or Snakemake migrates the records
    write_json(_SEEN, seen)


def owner_in(outputs: Iterable[Outputs]) -> Callable[[str], str | None]:
    """A function: file -> folder of the stage that it belongs to, None for any other file."""
    folder_of = {out: stage.folder for stage in outputs for out in (stage.folder, *stage.others)}

    def owner(path: str) -> str | None:
        while path and path not in folder_of:
            path = path.rpartition("/")[0]
        return folder_of.get(path)

    return owner


def record_files() -> list[tuple[str, str]]:
    """(output, Snakemake's record of it). A name of more than 254 characters is split over folders."""
    found = []
    for folder, _, files in os.walk(METADATA):
        before = "".join(part.removeprefix("@") for part in Path(folder).relative_to(METADATA).parts)
        for name in files:
            if not name.startswith("."):
                try:
                    found.append((base64.urlsafe_b64decode(before + name).decode(), f"{folder}/{name}"))
                except ValueError:  # not one of Snakemake's
                    continue
    return found


def read_record(file: str | Path) -> dict[str, Any]:
    """What a record (or a stage's records) says; thousands are looked at several times, and parsed once."""
    try:
        stat = os.stat(file)
    except FileNotFoundError:
        return {}
    return _parsed(os.fspath(file), stat.st_mtime_ns, stat.st_size, stat.st_ino)


@functools.cache
def _parsed(file: str, *_: int) -> dict[str, Any]:
    found = read_json(file)
    return {key: value for key, value in found.items() if key not in ("shellcmd", "code")}


def record_file(path: str) -> Path:
    """Where Snakemake keeps the record of an output."""
    encoded = base64.urlsafe_b64encode(path.encode()).decode()
    parts = [encoded[i : i + 254] for i in range(0, len(encoded), 254)]
    return METADATA.joinpath(*("@" + part for part in parts[:-1]), parts[-1])


def _describes(record: str | None, path: str) -> bool:
    """Whether a record of this machine was made for the file that is there now."""
    if record is None:
        return False
    ended, changed = read_record(record).get("endtime"), os.lstat(path).st_mtime
    return ended is None or changed == AGED or abs(ended - changed) < 1e-3


def forget() -> None:
    """Free the memory that the records take which have been read."""
    _parsed.cache_clear()
