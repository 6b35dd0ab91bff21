"""Files of strangers, read whole: only regular ones, and never more than a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOST_BYTES = 1 << 30


def read_regular(path: Path, most: int = MOST_BYTES) -> bytes:
    """The contents of a file.

    Args:
        path: the file; links are followed.
        most: bytes that it may have.

    Raises:
        OSError: it is missing or cannot be opened.
        ValueError: it is a pipe, a device or a folder, or has more bytes.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # else a pipe waits for a writer
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(most + 1) if found.st_size <= most else b""
    finally:
        os.close(descriptor)
    if found.st_size > most or len(data) > most:
        raise ValueError(f"it has more than {most} bytes")
    return data
