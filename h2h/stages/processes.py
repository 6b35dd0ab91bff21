"""Several processes for one training: the command starts itself again under `torchrun`, on one machine or several."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence

from h2h.errors import UserError
from h2h.io.lifeline import PARENT, follow_run
from h2h.io.slurm import allocated_nodes, meeting_port

OF_THE_JOB = ("SLURM_NTASKS_PER_GPU", "SLURM_GPUS_PER_TASK")  # srun refuses its own --ntasks-per-node beside these


def relaunch(processes: int) -> int:
    """Run this very command in several processes; returns the exit code. They end with this process.

    In a Slurm job of several machines, each of them gets as many.
    """
    follow_run()
    nodes = allocated_nodes()
    command = launch(processes, nodes, sys.argv[1:], os.environ.get("SLURM_JOB_ID", ""), socket.gethostname())
    each = processes // nodes
    threads = max((os.cpu_count() or each) // each, 1)
    environment = {key: value for key, value in os.environ.items() if key not in OF_THE_JOB}
    environment["OMP_NUM_THREADS"] = str(threads)
    if nodes == 1:
        environment[PARENT] = str(os.getpid())  # on another machine it is another process; srun ends them there
    return subprocess.run(command, env=environment, check=False).returncode


def launch(processes: int, nodes: int, arguments: Sequence[str], job: str, host: str) -> list[str]:
    """The command line that runs `h2h ARGUMENTS` in several processes.

    Args:
        processes: how many, in all.
        nodes: on how many machines, all of one Slurm job if there are several.
        arguments: of the `h2h` program.
        job: number of the Slurm job; only read if there are several machines.
        host: name of this machine, where they meet.

    Raises:
        UserError: the machines would not get the same number of processes.
    """
    if processes % nodes:
        raise UserError(
            f"compute.processes is {processes}, which {nodes} machines cannot share evenly",
            "set it to a multiple of the job's machines, one a GPU",
        )
    torchrun = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={processes // nodes}"]
    program = ["-m", "--", "h2h.cli", *arguments]  # or torchrun takes our --log for one of its own options
    if nodes == 1:
        return [*torchrun, "--standalone", *program]
    meeting = [f"--nnodes={nodes}", "--rdzv-backend=c10d", f"--rdzv-id={job}"]
    meeting.append(f"--rdzv-endpoint={host}:{meeting_port(job)}")
    # One torchrun a machine. --overlap: also from inside of a step that holds the job's cores.
    srun = ["srun", f"--nodes={nodes}", f"--ntasks={nodes}", "--ntasks-per-node=1", "--overlap", "--kill-on-bad-exit=1"]
    return [*srun, *torchrun, *meeting, *program]
