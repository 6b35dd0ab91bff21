"""Write a file under a temporary name and rename it, so that no half file ever counts as done."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = hashlib.sha256(os.fsencode(socket.gethostname())).hexdigest()[:8]  # a name may be long and hold dashes
TEMPORARY = re.compile(r"\.tmp-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]{1,9})-(?P<name>.+)", re.DOTALL)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it replaces `path`, on failure it is removed."""
    path = Path(path)
    with scratch(path) as temporary:
        try:
            yield temporary
            with open(temporary, "rb+") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
        except OSError as error:
            if error.filename is None and error.errno is not None:  # a write says not of which file
                error.filename = str(path)
            raise


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which is removed in the end; also what a killed process left of it.

    The temporary name keeps the suffix (libraries choose formats by it), starts with a dot and holds the host and
    the process id, so that two processes never write the same file, even in a folder that hosts share.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".tmp-{HOST}-*"):  # of another host's processes nobody here knows whether they live
        parts = TEMPORARY.fullmatch(left.name)
        if parts and parts["name"] == path.name and not _alive(int(parts["pid"])):
            left.unlink(missing_ok=True)
    temporary = path.with_name(f".tmp-{HOST}-{os.getpid()}-{path.name}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, atomically (the same value gives the same bytes)."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    if any("\ud800" <= character <= "\udfff" for character in text):  # of a file's name that is no UTF-8
        text = json.dumps(value, indent=1, sort_keys=True)
    write_text(path, text + "\n")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
