"""The commands of a project's jobs, as Snakemake would run them, and a quick way to run them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE

from workflow.project import Project

LIBRARIES = ("torch", "h5py", "cv2", "av", "scipy.optimize", "numba", "mediapipe", "matplotlib.pyplot", "pandas")
LIKED = "ours."  # what the finished project has everything of
SERVER = Path(__file__).parent / "job_server.py"


def commands(project: Project, *targets: str) -> dict[str, list[str]]:
    """Stage -> the arguments of `h2h` in a job of that stage, of `LIKED` if there is one."""
    found: dict[str, list[str]] = {}
    printed = project.snakemake(*targets, "-n", "-p", "--forceall")
    for line in (printed.stdout + printed.stderr).splitlines():
        words = shlex.split(line) if " -m h2h.cli " in line else []
        while "h2h.cli" in words:
            words = words[words.index("h2h.cli") + 1 :]
            ends = [i for i, word in enumerate(words) if word in ("&&", "2>")]
            job = words[: min(ends, default=len(words))]
            if job[0] not in found or (job[2].startswith(LIKED) and not found[job[0]][2].startswith(LIKED)):
                found[job[0]] = job
    return found


class JobServer:
    """Runs jobs, each in a child of a process that has loaded some libraries; see `job_server`."""

    def __init__(self, project: Project, libraries: Sequence[str] = LIBRARIES):
        command = project.inside((sys.executable, str(SERVER), *libraries))
        self._process = subprocess.Popen(
            command, cwd=project.path, env=project.environment, stdin=PIPE, stdout=PIPE, text=True
        )

    def run(self, arguments: list[str], room: int | None = None) -> tuple[int, str]:
        """Exit code and what was printed."""
        self._process.stdin.write(json.dumps([arguments, room]) + "\n")
        self._process.stdin.flush()
        code, told = json.loads(self._process.stdout.readline())
        return code, told

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> JobServer:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()
