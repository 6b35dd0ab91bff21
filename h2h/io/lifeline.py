"""Tie a process to the one that asked for it, so that nothing a killed run left behind publishes a result later."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from pathlib import Path

PARENT = "H2H_PARENT"  # PID of the command that shares its work between processes like this one
RUN = "H2H_RUN"  # PID@HOST of the Snakemake that the jobs belong to, set by the Snakefile


def announce_run() -> None:
    """Put this process (the main Snakemake) into the environment that its jobs inherit."""
    os.environ[RUN] = f"{os.getpid()}@{socket.gethostname()}"


def follow_run() -> None:
    """End this job when the Snakemake that asked for it ends, however it ends.

    Nothing happens for a command that a user typed, on another host, or under a cluster's scheduler,
    where jobs outlive the Snakemake that submitted them.
    """
    if PARENT in os.environ:
        die_with(int(os.environ[PARENT]))
    pid, _, host = os.environ.get(RUN, "").partition("@")
    if pid.isdigit() and host == socket.gethostname() and "SLURM_JOB_ID" not in os.environ:
        die_with(int(pid))


def follow_dvc() -> None:
    """End this Snakemake when the `dvc repro` (or `dvc exp run`) that started it ends; otherwise do nothing."""
    if "DVC_STAGE" not in os.environ:
        return
    parent = os.getppid()
    while _program(parent) in ("sh", "bash", "dash", "zsh"):  # DVC starts commands through the shell
        parent = _parent(parent)
    die_with(parent)


def die_with(pid: int) -> None:
    """Kill this process as soon as the process `pid` is gone (Linux; elsewhere nothing happens).

    A thread waits on a file descriptor of the process. PR_SET_PDEATHSIG would not do: it looks at the
    direct parent, and a shell may stand in between.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        raise SystemExit("the process that started this one is gone") from None
    except (AttributeError, OSError):
        return

    def wait() -> None:
        select.select([handle], [], [])
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])
