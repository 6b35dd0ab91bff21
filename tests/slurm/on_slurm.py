"""Run the tiny project on a real Slurm of two nodes, on this machine: `python tests/slurm/on_slurm.py`.

    apt-get install slurm-wlm munge
    pip install -r tests/slurm/requirements.txt

It installs nothing, touches no Slurm that is there, and is no part of `make test`. First every job of `snakemake all`
is a job of Slurm; then a training runs on both nodes (`compute.processes: 2`, torchrun under srun). It prints what
Slurm's own list of finished jobs says, and fails if anything did not run, or did not run there.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from slurm.cluster import cluster, lacking
from workflow.project import Project

SMALL = ["pretrain", "finetune", "synthesize", "flow", "flow_pretrain", "flow_finetune"]  # a share of this machine
STEP = re.compile(r"^(?:rule|checkpoint) (\w+):", re.MULTILINE)


def finished_jobs(folder: Path) -> list[dict[str, str]]:
    """What Slurm wrote down about each finished job."""
    lines = (folder / "jobs.txt").read_text(encoding="utf-8").splitlines()
    return [dict(part.split("=", 1) for part in line.split() if "=" in part) for line in lines]


def options() -> list[str]:
    """What this small cluster has less of than a real one."""
    sets = [f"{rule}:mem_mb=3000" for rule in SMALL]
    threads = [f"{rule}=1" for rule in SMALL]
    plain = ["--jobs", "4", "--latency-wait", "20", "--default-resources", "runtime=60", "mem_mb=2000"]
    seconds = ["--slurm-init-seconds-before-status-checks", "5", "--group-components", "person=2", "pack=2"]
    return [*plain, *seconds, "--set-resources", *sets, "--set-threads", *threads]


def run_all(project: Project, folder: Path) -> None:
    """`snakemake all` with the profile; every job but the targets must have been Slurm's."""
    wanted = project.plan("all")
    done = project.snakemake("all", "--workflow-profile", "profiles/slurm", *options())
    jobs = finished_jobs(folder)
    print(f"{len(jobs)} jobs of Slurm for {sum(wanted.values())} jobs of the workflow: {wanted}")
    states, nodes = (collections.Counter(job[key] for job in jobs) for key in ("JobState", "NodeList"))
    print(f"states {dict(states)}, nodes {dict(nodes)}")
    for job in jobs:
        print(job["JobId"], job["JobState"], job["NodeList"], job["Tres"], f"{job['StartTime']} to {job['EndTime']}")
    print("\n".join(line for line in done.stderr.splitlines() if "with SLURM jobid" in line))
    assert set(states) == {"COMPLETED"}, states
    assert len(jobs) < sum(wanted.values()), "the groups are jobs together"
    assert any("gres/gpu" in job["Tres"] for job in jobs)
    assert project.plan("all") == {}, "everything is done, also for a run without Slurm"


def train_on_two_nodes(project: Project, folder: Path) -> None:
    """One pretraining over both nodes."""
    before = len(finished_jobs(folder))
    project.set("compute.processes", 2)
    project.set("pretrain.batch", 2)
    both = ["pretrain:nodes=2", "pretrain:tasks=2", "pretrain:tasks_per_gpu=1", "pretrain:gpu=2", "pretrain:mpi=srun"]
    chosen = [*options(), "--set-resources", *(f"{rule}:mem_mb=3000" for rule in SMALL), *both]
    project.snakemake("stage_pretrain", "--workflow-profile", "profiles/slurm", *chosen)
    jobs = finished_jobs(folder)[before:]
    for job in jobs:
        print(job["JobId"], job["JobState"], job["NodeList"], job["Tres"])
    assert [job["NodeCnt"] for job in jobs] == ["2"] and jobs[0]["JobState"] == "COMPLETED"
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keep everything here (default: a temporary folder)")
    chosen = parser.parse_args()
    if programs := lacking():
        raise SystemExit(f"not installed: {', '.join(programs)} (apt-get install slurm-wlm munge)")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        raise SystemExit("not installed: pip install -r tests/slurm/requirements.txt")
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.folder or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        project = Project.create(home / "project")
        with cluster(home / "slurm") as environment:
            path = f"{client_scripts(home / 'slurm')}:{project.environment['PATH']}"
            project.environment |= environment | {"PATH": path, "OMP_NUM_THREADS": "1"}
            run_all(project, home / "slurm")
            train_on_two_nodes(project, home / "slurm")
    print("ok")


if __name__ == "__main__":
    main()
