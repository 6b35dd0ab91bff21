"""A copy of this project with three tiny people, run as a user would: `snakemake` and `dvc` as commands."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from workflow.clips import add_person

from h2h.config import merge, read_yaml

ROOT = Path(__file__).parents[2]
PEOPLE = ("ann", "bea", "cyd")
TARGETS = re.compile(r"all|quickstart|stage_\w+|total")


class Project:
    """A project folder and its commands."""

    def __init__(self, path: Path):
        self.path = path
        bin_folder = str(Path(sys.executable).parent)
        names = {f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("H2H_", "DVC_", "GIT_"))}
        self.environment = (
            kept
            | names
            | {
                "PATH": bin_folder + os.pathsep + os.environ["PATH"],
                "OMP_NUM_THREADS": "1",
                "DVC_NO_ANALYTICS": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            }
        )

    @classmethod
    def create(cls, path: Path) -> Project:
        """Copy what git tracks, lay the tiny parameters over params.yaml, add the people, commit."""
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
        for name in filter(None, tracked.stdout.split("\0")):
            if (ROOT / name).exists() and not name.startswith(("data/", "dvc.lock")):
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
        project = cls(path)
        values = merge(read_yaml(path / "params.yaml"), read_yaml(path / "tests" / "params.tiny.yaml"))
        values["figures"] = {name: values["figures"][name] for name in ("fs_figure6", "h2h_figure2")}
        values["tables"] = {"table1": {**values["tables"]["table1"], "rows": ["ours", "nearest_frame"]}}
        project.write_params(values)
        for number, name in enumerate(PEOPLE):
            add_person(path, name, number)
        project.run("git", "init", "-q")
        project.run("dvc", "add", "-q", "data/identities")
        project.commit("start")
        return project

    def copy(self, path: Path) -> Project:
        """A full copy, with Snakemake's records, DVC's cache and all modification times."""
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)

    # parameters

    def params(self) -> dict[str, Any]:
        return read_yaml(self.path / "params.yaml")

    def write_params(self, values: dict[str, Any]) -> None:
        with open(self.path / "params.yaml", "w", encoding="utf-8") as file:
            YAML().dump(values, file)

    def set(self, key: str, value: Any) -> None:
        """Change one nested value, `section.key`."""
        section, name = key.split(".", 1)
        self.write_params(merge(self.params(), {section: {name: value}}))

    # commands

    def inside(self, command: tuple[str, ...]) -> list[str]:
        """The command line to run a command with; tests/faults puts another one here."""
        return list(command)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        run = self.inside(command)
        done = subprocess.run(run, cwd=self.path, env=self.environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{command}:\n{done.stdout[-6000:]}\n{done.stderr[-12000:]}"
        return done

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("snakemake", *arguments, check=check)

    def dvc(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("dvc", *arguments, check=check)

    def commit(self, message: str) -> str:
        """Commit everything that git does not ignore; returns the commit."""
        self.run("git", "add", "-A", ".")
        self.run("git", "commit", "-q", "--allow-empty", "-m", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def plan(self, *arguments: str) -> dict[str, int]:
        """Rule -> number of jobs that Snakemake would run now; empty when there is nothing to do."""
        output = self.snakemake(*(arguments or ("all",)), "-n").stdout
        if "Nothing to be done" in output:
            return {}
        rows = re.findall(r"^(\w+) +(\d+)$", output.split("Job stats:")[1].split("\n\n")[0], re.MULTILINE)
        return {rule: int(count) for rule, count in rows if not TARGETS.fullmatch(rule)}

    def repro(self, check: bool = True) -> set[str]:
        """Run `dvc repro`; returns the stages that it ran."""
        return set(re.findall(r"Running stage '(\w+)'", self.dvc("repro", check=check).stdout))

    # killing

    @contextlib.contextmanager
    def started(self, *command: str, stderr: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command in the background; at the end nothing of it is left."""
        process = subprocess.Popen(
            command, cwd=self.path, env=self.environment, stdout=subprocess.DEVNULL, stderr=stderr
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pid in self.processes(""):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def processes(self, needle: str) -> list[int]:
        """Processes in the project's folder whose command line holds `needle` as a word."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_text(encoding="utf-8").split("\0")
                if (folder / "cwd").resolve() == self.path.resolve() and (not needle or needle in words):
                    found.append(int(folder.name))
        return found

    def wait_for(self, needle: str, gone: bool = False, seconds: float = 600) -> list[int]:
        """Wait until such a process is there (or until none is)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if bool(found := self.processes(needle)) != gone:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{needle} is {'still' if gone else 'not'} running")
