"""Two runs at once, clocks that go backwards, too little memory, and paths that people have."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import pytest
from faults.jobs import JobServer, commands
from workflow.clips import moving, write_clip
from workflow.project import Project

H2H = (sys.executable, "-m", "h2h.cli")
YEAR = 365 * 24 * 3600


@pytest.mark.row(
    "two runs at once",
    "`snakemake` twice",
    "the second ends with exit 1 before the first job and says why; the first finishes",
)
def test_two_runs_at_once(project: Project, seen):
    project.set("evaluate.bootstrap", 11)
    with project.started("snakemake", "stage_evaluate") as first:
        job = project.wait_for("evaluate")[0]
        os.kill(job, signal.SIGSTOP)
        second = project.snakemake("stage_evaluate", check=False)
        os.kill(job, signal.SIGCONT)
        assert first.wait() == 0
    assert second.returncode == 1 and "Traceback" not in second.stderr
    assert "make sure that no other Snakemake process" in second.stderr and str(project.path) in second.stderr
    assert project.plan("stage_evaluate") == {}
    seen("exit 1: `Directory cannot be locked. Please make sure that no other Snakemake ...`; the first: exit 0")


@pytest.mark.row(
    "clock",
    "going backwards: artifacts, clips and parameters are a year in the future",
    "nothing runs that need not; what is changed runs, and counts as done afterwards",
)
def test_a_clock_that_goes_backwards(project: Project, seen):
    later = time.time() + YEAR
    for path in [*project.path.rglob("*.json"), *project.path.rglob("*.h5"), *project.path.rglob("*.mp4")]:
        if ".dvc" not in path.parts and ".snakemake" not in path.parts:
            os.utime(path, (later, later))
    os.utime(project.path / "params.yaml", (later, later))
    assert project.plan("all") == {}
    project.set("nmfc.region", "head")
    project.snakemake("work/nmfc/ann.json")
    plan = project.plan("stage_nmfc")
    assert plan == {"nmfc": 2}
    seen("the plan is empty; after a change 3 nmfc jobs; one made, 2 are left")


@pytest.mark.row(
    "too little memory",
    "a job that wants more than there is",
    "exit 2; says which job, and how to run fewer at once; neither artifact nor card; the same command finishes",
)
def test_a_job_without_memory(project: Project, seen):
    job = commands(project, "work/head_model/head_model.json")["head_model"]
    place = job.index("--cfg") + 1
    cfg = json.loads(job[place])
    greedy = cfg | {"head_model": cfg["head_model"] | {"samples": 1_000_000}}
    files = [project.path / f"work/head_model/head_model{suffix}" for suffix in (".h5", ".json")]
    before = files[1].read_bytes()
    for path in files:
        path.unlink()
    with JobServer(project, ("numpy", "scipy.linalg")) as server:
        code, told = server.run([*job[:place], json.dumps(greedy), *job[place + 1 :]], 2 << 30)
        assert code == 2 and "Traceback" not in told, told
        assert "head_model head_model: there is not enough memory for work/head_model/head_model.h5" in told
        assert "snakemake -c 1" in told and not any(path.exists() for path in files)
        assert server.run(job)[0] == 0
    assert files[1].read_bytes() == before
    seen("exit 2: `head_model head_model: there is not enough memory for work/head_model/head_model.h5`")


@pytest.mark.fault
@pytest.mark.row(
    "too little memory",
    "every stage, with 1 to 200 MB more than its libraries",
    "an error, which says that it was the memory where a library tells; neither artifact nor card; or it is enough",
)
def test_every_stage_without_memory(project: Project, seen):
    jobs, wrong, ends, named = commands(project, "all"), [], {}, 0
    with JobServer(project) as server:
        for stage in (
            "frames",
            "matting",
            "landmarks",
            "head_model",
            "tracking",
            "nmfc",
            "flow",
            "cache",
            "finetune",
            "synthesize",
            "evaluate",
        ):
            card = (project.path / jobs[stage][jobs[stage].index("--output") + 1]).with_suffix(".json")
            for room in (1_000_000, 30_000_000, 200_000_000):
                card.unlink(missing_ok=True)
                code, told = server.run(jobs[stage], room)
                ends.setdefault(code, []).append(stage)
                if code == 0:
                    break
                named += code == 2 and "not enough memory" in told
                if card.exists():
                    wrong.append((stage, room, code, told[-1500:]))
            if code != 0 and server.run(jobs[stage])[0] != 0:
                wrong.append((stage, "again"))
    failed = sum(len(stages) for code, stages in ends.items() if code)
    assert not wrong and failed >= named > 0
    seen(
        f"{failed} jobs had too little: {named} say `there is not enough memory for ...`, the others were killed or "
        "end with the error of a library that does not say why; then the same command finishes"
    )


@pytest.mark.fault
@pytest.mark.row(
    "odd paths",
    "spaces, other alphabets and quotes in the project's folder, the profile's folders and the clips' names",
    "all runs as usual",
)
def test_odd_paths(project: Project, seen):
    write_clip(project.path / "data/identities/ann/Clip Ä (1) it's.mp4", moving(0, 24))
    (project.path / "data/identities/ann/clip.mp4").unlink()
    values = project.params()
    values["profile"] |= {"work": "wörk 作 it's/a b", "reports": "réports & more"}
    project.write_params(values)
    project.snakemake("wörk 作 it's/a b/nmfc/ann.json")
    assert (project.path / "wörk 作 it's/a b/nmfc/ann.h5").stat().st_size > 0
    assert project.plan("wörk 作 it's/a b/nmfc/ann.json") == {}
    seen("frames to nmfc are made, and the plan is empty; the whole suite of tests/workflow lives in such a folder")
