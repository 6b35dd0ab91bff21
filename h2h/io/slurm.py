"""What a job of Slurm knows of its machines."""

from __future__ import annotations

import os
import subprocess

from h2h.errors import UserError

FIRST_PORT, PORTS = 29500, 1000  # where the processes of a training meet: one of these, by the job's number


def allocated_nodes() -> int:
    """On how many machines this job runs; 1 outside of Slurm.

    Raises:
        UserError: Slurm does not say.
    """
    job = os.environ.get("SLURM_JOB_ID")
    if job is None:
        return 1
    if known := os.environ.get("SLURM_JOB_NUM_NODES"):
        return int(known)
    # Snakemake's executor passes on little more than the job's number.
    asked = ["squeue", "--noheader", f"--jobs={job}", "--format=%D"]
    try:
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UserError(
            f"`{' '.join(asked)}` does not say on how many machines this job is: {error}", "run it"
        ) from error


def meeting_port(job: str) -> int:
    """The TCP port at which the processes of a job meet: jobs on the same machine should not share it."""
    number = int(job) if job.isdigit() else 0
    return FIRST_PORT + number % PORTS
