"""One live run at a time."""

from __future__ import annotations

import fcntl
import shutil
from typing import IO

from h2h.provenance.state import STATE


def claim_project() -> IO[str]:
    """Remove the locks of killed runs; the caller keeps the returned file open as long as it lives.

    Every live Snakemake of this project holds a shared lock on one file, which the kernel frees
    however the process ends. If nobody holds it, Snakemake's own lock files are left over.
    """
    STATE.mkdir(exist_ok=True)
    handle = open(STATE / "h2h.lock", "w", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(STATE / "locks", ignore_errors=True)
    except BlockingIOError:
        pass
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle
