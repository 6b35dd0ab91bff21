"""Several processes for one training: the command starts itself again under `torchrun`."""

from __future__ import annotations

import os
import subprocess
import sys

from h2h.io.lifeline import PARENT, follow_run


def relaunch(processes: int) -> int:
    """Run this very command in several processes; returns the exit code. They end with this process."""
    follow_run()
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    threads = max((os.cpu_count() or processes) // processes, 1)
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), PARENT: str(os.getpid())}
    return subprocess.run([*run, "-m", "h2h.cli", *sys.argv[1:]], env=environment, check=False).returncode
