"""Whether anything has been touched since records and artifacts were last brought together.

That takes a second for ten thousand artifacts, as each record is read; one look at all files' times and sizes does not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator

from h2h.io.atomic import write_json
from h2h.provenance.dvc_stages import Outputs
from h2h.provenance.records import owner_in, read_record, record_files
from h2h.provenance.state import METADATA, STATE, read_json

_SETTLED = STATE / "h2h_settled.json"


def settle(outputs: Iterable[Outputs]) -> None:
    """Remember the state that records and artifacts are in now."""
    outputs = list(outputs)
    owner = owner_in(outputs)
    sources = {source for _, file in record_files() for source in read_record(file).get("input_checksums") or ()}
    others = sorted(source for source in sources if owner(source) is None)
    write_json(_SETTLED, {"others": others, "state": _state(outputs, others)})


def is_settled(outputs: Iterable[Outputs]) -> bool:
    """Whether no record, artifact or other input of a job has been touched since `settle`."""
    known = read_json(_SETTLED)
    return bool(known) and known.get("state") == _state(list(outputs), known.get("others", []))


def state_of_records() -> str:
    """Digest of the names, times and sizes of Snakemake's records."""
    return _digest(_stats(os.fspath(METADATA)))


def _state(outputs: list[Outputs], others: list[str]) -> str:
    """Digest of the names, times, sizes and numbers of all files."""
    places = {os.fspath(METADATA), *(place for stage in outputs for place in (stage.folder, *stage.others))}
    lines = [line for place in (*places, *others) for line in _stats(place)]
    lines += [_line(name, os.stat(name)) for name in others if os.path.exists(name)]  # where links lead
    return _digest(lines)


def _digest(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line)
    return digest.hexdigest()


def _stats(path: str) -> Iterator[bytes]:
    """A line about a file, or about each file below a folder; none for what is not there."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _stats(entry.path)
                else:
                    yield _line(entry.path, entry.stat(follow_symlinks=False))
    except NotADirectoryError:
        yield _line(path, os.lstat(path))
    except FileNotFoundError:
        return


def _line(path: str, stat: os.stat_result) -> bytes:
    numbers = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
    return os.fsencode(path) + f"\0{numbers}\n".encode()
