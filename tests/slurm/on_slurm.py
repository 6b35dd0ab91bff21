"""Run the tiny project on a real Slurm of two nodes, on this machine: `python tests/slurm/on_slurm.py`.

    apt-get install slurm-wlm munge
    pip install -r tests/slurm/requirements.txt

It installs nothing, touches no Slurm that is there, and is no part of `make test`. First every job of `snakemake all`
(or another `--target`) is a job of Slurm; then a training runs on both nodes (`compute.processes: 2`, torchrun under
srun). It prints Slurm's own list of finished jobs, and fails if anything did not run, or did not run there.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from slurm.cluster import cluster, lacking
from workflow.clips import add_person
from workflow.project import ROOT, Project

from h2h.config import merge, read_yaml

TRAINED = ("pretrain", "finetune", "synthesize", "flow", "flow_pretrain", "flow_finetune")
SMALL = {  # laid over profiles/slurm: what this cluster has less of than a real one, and does not have
    "jobs": 4,
    "latency-wait": 20,
    "set-resources": {rule: {"mem_mb": 3000} for rule in TRAINED},
    "set-threads": dict.fromkeys(TRAINED, 1),
    "group-components": dict.fromkeys(("person", "pack", "score", "media", "page"), 2),
    "slurm-init-seconds-before-status-checks": 5,
    "slurm-status-command": "squeue",
    "slurm-no-account": True,
}
OVER_BOTH = {"nodes": 2, "gpu": 2, "tasks": 2, "tasks_per_gpu": 1, "mpi": "srun"}


def jobs_of(project: Project) -> list[dict[str, str]]:
    """What Slurm says of each job (it remembers finished ones for an hour: MinJobAge)."""
    lines = project.run("scontrol", "--oneliner", "show", "jobs").stdout.splitlines()
    return [dict(part.split("=", 1) for part in line.split() if "=" in part) for line in lines if "JobId=" in line]


def tell(job: dict[str, str]) -> None:
    """Print a job's line."""
    keys = ("JobId", "JobState", "NodeList", "NumNodes", "TresPerJob", "MinMemoryNode", "TimeLimit", "RunTime")
    print(*(f"{key}={job.get(key, '-')}" for key in keys))


def small_profile(project: Project, changes: dict[str, Any]) -> list[str]:
    """Write profiles/slurm with smaller numbers; the options of Snakemake that use it."""
    folder = project.path / "profiles" / "small"
    folder.mkdir(exist_ok=True)
    values = merge(merge(read_yaml(project.path / "profiles" / "slurm" / "config.yaml"), SMALL), changes)
    (folder / "config.yaml").write_text(json.dumps(values), encoding="utf-8")  # JSON is YAML
    return ["--workflow-profile", "profiles/small"]


def run(project: Project, target: str) -> None:
    """`snakemake TARGET` with the profile; every job but the targets must have been Slurm's."""
    wanted = project.plan(target)
    done = project.snakemake(target, *small_profile(project, {}))
    jobs = jobs_of(project)
    print(f"{len(jobs)} jobs of Slurm for {sum(wanted.values())} jobs of the workflow: {wanted}")
    states, nodes = (collections.Counter(job[key] for job in jobs) for key in ("JobState", "NodeList"))
    print(f"states {dict(states)}, nodes {dict(nodes)}")
    for job in jobs:
        tell(job)
    print("\n".join(line for line in done.stderr.splitlines() if "SLURM jobid" in line))
    assert set(states) == {"COMPLETED"}, states
    assert len(jobs) < sum(wanted.values()), "the groups are jobs together"
    assert any("gpu" in job.get("TresPerJob", "") for job in jobs), "flow and trainings ask for a GPU"
    assert project.plan(target) == {}, "everything is done, also for a run without Slurm"


def train_on_two_nodes(project: Project) -> None:
    """One pretraining over both nodes."""
    before = {job["JobId"] for job in jobs_of(project)}
    project.set("compute.processes", 2)
    project.set("pretrain.batch", 2)
    project.snakemake("stage_pretrain", *small_profile(project, {"set-resources": {"pretrain": OVER_BOTH}}))
    jobs = [job for job in jobs_of(project) if job["JobId"] not in before]
    for job in jobs:
        tell(job)
    jobs = [job for job in jobs if job["NumNodes"] == "2"]
    assert len(jobs) == 1 and jobs[0]["JobState"] == "COMPLETED"
    card = json.loads((project.path / "work" / "pretrain" / "ours.default.json").read_text(encoding="utf-8"))
    print("processes on the card:", card["summary"]["processes"])
    assert card["summary"]["processes"] == 2


def client_scripts(folder: Path) -> Path:
    """Slurm's commands with this cluster's configuration: Snakemake's executor takes SLURM_CONF from its jobs."""
    bin_folder = folder.parent / "bin"
    bin_folder.mkdir()
    for name in ("srun", "sbatch", "squeue", "scontrol", "sinfo", "scancel", "sacct", "sacctmgr"):
        found = subprocess.run(["which", name], capture_output=True, text=True).stdout.strip()
        script = bin_folder / name
        script.write_text(f'#!/bin/sh\nSLURM_CONF="{folder}/slurm.conf" exec {found} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return bin_folder


def joined(finished: Path, folder: Path) -> Project:
    """A copy of a finished project, with this code and somebody new: only their jobs are left."""
    shutil.copytree(finished, folder, symlinks=True)
    for part in ("h2h", "workflow", "profiles"):
        shutil.rmtree(folder / part)
        shutil.copytree(ROOT / part, folder / part)
    add_person(folder, "dan", 3)
    return Project(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keep everything here (default: a temporary folder)")
    parser.add_argument("--project", type=Path, help="a finished one of tests/workflow: somebody new joins a copy")
    parser.add_argument("--target", default="all", help="of Snakemake, e.g. stage_cache")
    chosen = parser.parse_args()
    if programs := lacking():
        raise SystemExit(f"not installed: {', '.join(programs)} (apt-get install slurm-wlm munge)")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        raise SystemExit("not installed: pip install -r tests/slurm/requirements.txt")
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.folder or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        project = joined(chosen.project, home / "project") if chosen.project else Project.create(home / "project")
        with cluster(home / "slurm") as environment:
            path = f"{client_scripts(home / 'slurm')}:{project.environment['PATH']}"
            project.environment |= environment | {"PATH": path, "OMP_NUM_THREADS": "1"}
            run(project, chosen.target)
            train_on_two_nodes(project)
    print("ok")


if __name__ == "__main__":
    main()
