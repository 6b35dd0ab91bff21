"""Push the tiny project's artifacts to an S3-compatible server and over SSH, and pull them into a fresh clone.

    pip install -r tests/remotes/requirements.txt      (best in an environment of its own)
    python tests/remotes/on_remotes.py [--project FINISHED]

Opt-in, no part of `make test`. Both servers are this process, on loopback ports. After each pull the clone must have
the same bytes as the project, and `snakemake all` nothing to do. `--project`: a finished and committed project of
tests/workflow, which is only read; without it one is made first, which takes minutes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from remotes.servers import Remote, s3_server, ssh_server
from workflow.project import Project

from h2h.io.cards import sha256


def contents(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of everything that DVC tracks of a project."""
    found = [path for part in ("work", "reports", "data/identities") for path in (folder / part).rglob("*")]
    return {str(path.relative_to(folder)): sha256(path) for path in sorted(found) if path.is_file()}


def made(folder: Path) -> Project:
    """A project where everything is done, recorded and committed."""
    project = Project.create(folder)
    project.snakemake("all")
    project.dvc("commit", "-q", "-f")
    project.commit("finished")
    return project


def through(name: str, remote: Remote, project: Project, folder: Path) -> None:
    """Push, clone, pull; the clone has everything."""
    project.environment |= remote.environment
    project.dvc("remote", "add", name, remote.url)
    for key, value in remote.settings.items():
        project.dvc("remote", "modify", name, key, value)
    project.commit(f"remote {name}")
    began = time.monotonic()
    pushed = project.dvc("push", "-r", name).stdout.strip().splitlines()[-1]
    took, began = time.monotonic() - began, time.monotonic()
    assert "pushed" in pushed, pushed
    clone = Project(folder / f"clone of {name}")
    clone.environment |= remote.environment
    project.run("git", "clone", "-q", str(project.path), str(clone.path))
    assert not (clone.path / "work").exists()
    clone.dvc("pull", "-q", "-r", name)
    print(f"{name}: {pushed} in {took:.0f} s, pulled in {time.monotonic() - began:.0f} s", flush=True)
    there, here = contents(project.path), contents(clone.path)
    lacking = {path for path in there if here.get(path) != there[path]}
    assert not lacking, f"{name}: {sorted(lacking)[:20]}"
    assert clone.plan("all") == {}
    print(f"{name}: {len(there)} files have the same bytes, and `snakemake all` has nothing to do", flush=True)
    again = project.dvc("push", "-r", name).stdout
    assert "Everything is up to date" in again, again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, help="a finished project, which is copied")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        if chosen.project:
            shutil.copytree(chosen.project, home / "project", symlinks=True)
        project = Project(home / "project") if chosen.project else made(home / "project")
        with s3_server() as remote:
            through("s3", remote, project, home)
        with ssh_server(home / "over_ssh") as remote:
            through("ssh", remote, project, home)
    print("ok")


if __name__ == "__main__":
    main()
