"""Full and read-only file systems, in a mount namespace that nobody else sees and that ends with this process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from subprocess import PIPE

import pytest
from workflow.project import Project

NAMESPACES = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])  # as root; as anybody


class Mounts:
    """A mount namespace; commands run in it see what is mounted there."""

    def __init__(self) -> None:
        for start in NAMESPACES:
            shell = [*start, "sh", "-c", "mount -t tmpfs tmpfs /mnt && umount /mnt && echo ready && exec cat"]
            try:
                self._holder = subprocess.Popen(shell, stdin=PIPE, stdout=PIPE, stderr=PIPE)
            except FileNotFoundError:
                pytest.skip("this system has no mount namespaces (unshare)")
            assert self._holder.stdout is not None
            if self._holder.stdout.readline() == b"ready\n":
                break
            self.close()
        else:
            pytest.skip("mounting is not permitted here (neither as root nor in a user namespace)")
        user = ["--user", "--preserve-credentials"] if len(start) > 2 else []
        self._enter = ["nsenter", f"--target={self._holder.pid}", *user, "--mount"]

    def inside(self, folder: Path, *command: str) -> list[str]:
        """The command line that runs a command in the namespace, in a folder."""
        return [*self._enter, "sh", "-c", 'cd "$0" && exec "$@"', str(folder), *command]

    def project(self, project: Project) -> Project:
        """The same project; its commands run in the namespace."""
        found = Project(project.path)
        found.inside = lambda command: self.inside(project.path, *command)
        return found

    def tmpfs(self, folder: Path, size: int) -> None:
        """Put an empty file system of `size` bytes over a folder; again: change its size."""
        options = f"size={size}"
        if folder.resolve() in self._mounted():
            options += ",remount"
        self._do("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))

    def unmount(self, folder: Path) -> None:
        """Take the topmost file system off a folder."""
        self._do("umount", str(folder))

    def read_only(self, folder: Path) -> None:
        self._do("mount", "--bind", str(folder), str(folder))
        self._do("mount", "-o", "remount,bind,ro", str(folder))

    def see(self, path: Path) -> Path:
        """Where this process sees a file that lies in the namespace."""
        return Path(f"/proc/{self._holder.pid}/root") / path.resolve().relative_to("/")

    def close(self) -> None:
        self._holder.stdin.close()
        self._holder.wait()

    def _mounted(self) -> set[Path]:
        lines = Path(f"/proc/{self._holder.pid}/mountinfo").read_text(encoding="utf-8").splitlines()
        return {Path(os.fsdecode(line.split()[4].encode().decode("unicode_escape").encode("latin1"))) for line in lines}

    def _do(self, *command: str) -> None:
        subprocess.run(self.inside(Path("/"), *command), check=True, capture_output=True)


@pytest.fixture
def mounts():
    made = Mounts()
    yield made
    made.close()
