"""The real DAG on a tiny profile: what must run, what must not, and what a kill, a checkout or a bad clip leaves.

One project is made once; every test works in a copy of it. Most questions are asked
with `snakemake -n`, whose answer is what Snakemake would do.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from workflow.clips import add_faceless, add_person
from workflow.project import PEOPLE, Project

REPORTING = {"quickstart_tables": 1, "quickstart_report": 1, "table": 1, "metrics": 1, "report": 1, "rejections": 2}
EVALUATION = {"evaluate": 2, **REPORTING}
TRAINING = {"pretrain": 1, "finetune": 1, "synthesize": 3, **EVALUATION}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project where everything is done and committed; read only."""
    project = Project.create(tmp_path_factory.mktemp("workflow") / "base project")
    project.snakemake("all")
    project.dvc("commit", "-q", "-f")  # quicker than `dvc repro`, and right because everything is done
    project.commit("finished")
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    return finished.copy(tmp_path / "my project")


def test_nothing_to_do_after_either_engine(finished: Project):
    assert finished.plan("all") == {}
    assert finished.plan("quickstart") == {}
    assert "up to date" in finished.dvc("status").stdout
    metrics = json.loads((finished.path / "reports/metrics.json").read_text())
    assert metrics
    assert "ours" in (finished.path / "reports/tables/table1.csv").read_text()
    page = (finished.path / "reports/index.html").read_text()
    assert "Table 1: Self-reenactment" in page and ">0 + 0</td>" in page  # minutes of the two trainings
    assert (finished.path / "work/synthesize/ours.ann.cyd.mp4").stat().st_size > 0


# (1) records travel


def test_clone_and_pull_has_nothing_to_do_and_parameters_still_count(project: Project, tmp_path: Path):
    project.run("dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    project.commit("remote")
    project.dvc("push", "-q")
    project.run("git", "clone", "-q", str(project.path), str(tmp_path / "a clone"))
    clone = Project(tmp_path / "a clone")
    clone.dvc("pull", "-q")
    assert clone.plan("all") == {}
    assert clone.plan("quickstart") == {}
    clone.set("evaluate.bootstrap", 11)
    assert clone.plan("all") == EVALUATION


# (2) one nested value


@pytest.mark.parametrize(
    ("key", "value", "jobs"),
    [
        ("frames.margin", 1.7, {"frames": 3, "matting": 3, "landmarks": 3, "tracking": 3, "nmfc": 3, "flow": 3}),
        ("nmfc.region", "head", {"nmfc": 3}),
        ("flow.preset", "fast", {"flow": 3}),
        ("head_model.samples", 201, {"head_model": 1, "tracking": 3, "nmfc": 3}),
    ],
)
def test_a_preprocessing_value_reruns_its_stage_and_what_follows(project: Project, key, value, jobs):
    project.set(key, value)
    assert project.plan("all") == {**jobs, "cache": 3, **TRAINING}


def test_a_training_value_reruns_no_preprocessing(project: Project):
    learned = {"finetune": 1, "synthesize": 2, "evaluate": 1, **REPORTING}  # nearest_frame has no network
    project.set("pretrain.epochs", 2)
    assert project.plan("all") == {"pretrain": 1, **learned}
    project.set("pretrain.epochs", 1)
    project.set("network.filters", 8)
    assert project.plan("all") == TRAINING


def test_how_is_not_what(project: Project):
    project.set("compute.threads", 2)
    assert project.plan("all") == {}


def test_changed_code_reruns_the_stages_that_use_it(project: Project):
    with open(project.path / "h2h/stages/evaluate.py", "a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert project.plan("all") == EVALUATION


# (3) a new person


def test_a_new_person_reruns_nobody_else(project: Project):
    add_person(project.path, "dan", 3)
    own = {stage: 1 for stage in ("frames", "matting", "landmarks", "tracking", "nmfc", "flow", "cache", "finetune")}
    expected = {**own, "synthesize": 2, "evaluate": 2, "table": 1, "metrics": 1, "report": 1, "rejections": 2}
    assert project.plan("all") == expected
    (project.path / "data/identities/dan/identity.yaml").write_text("role: source\n")
    assert project.plan("all") == {**{s: n for s, n in own.items() if s != "finetune"}, "report": 1, "rejections": 2}


# (3b) a new experiment


def test_a_new_experiment_is_one_entry(project: Project):
    """Only its own jobs run; equal multi-person trainings are shared."""
    project.set("tables.more", {"title": "more", "rows": ["ours", "scratch", "x2face", "many", "many_no_dynamics"]})
    new = {"pretrain": 2, "finetune": 1, "synthesize": 6, "evaluate": 6, "table": 1, "metrics": 1, "report": 1}
    new |= {"quickstart_report": 1}  # the page has one more table
    plan = project.plan("all")
    assert plan.pop("quickstart_tables", 1) == 1 and plan.pop("rejections") in (1, 2) and plan.pop("table") in (1, 2)
    assert plan == {key: count for key, count in new.items() if key != "table"}
    project.set("tables.more", {"title": "more", "rows": ["ours", "scratch", "many"]})
    project.snakemake("more")
    text = (project.path / "reports/tables/more.md").read_text()
    assert "without initialisation" in text and "| bea | all discriminators |" in text
    entry = project.params()["experiments"]["scratch"]
    project.set("experiments.scratch", {**entry, "changes": {"finetune.lr_generator": 1e-4}})
    plan = project.plan("all")
    assert [plan[stage] for stage in ("finetune", "synthesize", "evaluate")] == [1, 1, 1] and "pretrain" not in plan


# (4) versions and experiments


def test_dvc_runs_the_same_stages_and_a_checkout_is_exact(project: Project):
    project.set("evaluate.bootstrap", 11)
    assert project.repro() == {"evaluate", "quickstart", "tables", "report", "verdict"}
    assert project.plan("all") == {}
    assert project.repro() == set()
    project.commit("changed")

    project.run("git", "checkout", "-q", "HEAD~1")
    assert project.plan("all") == EVALUATION  # the parameters are old, the artifacts are not
    project.dvc("checkout", "-q")
    assert project.plan("all") == {}
    project.run("git", "checkout", "-q", "-")
    project.dvc("checkout", "-q")
    assert project.plan("all") == {}
    assert project.params()["evaluate"]["bootstrap"] == 11
    project.set("evaluate.bootstrap", 12)
    assert project.plan("all") == EVALUATION


def test_experiments_are_exact(project: Project):
    project.dvc("exp", "run", "-q", "-n", "here", "-S", "evaluate.bootstrap=11")
    assert project.plan("all") == {}
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout", "-q")
    assert project.plan("all") == {}

    project.dvc("exp", "run", "-q", "--temp", "-n", "aside", "-S", "evaluate.bootstrap=12")
    project.dvc("exp", "run", "-q", "--queue", "-n", "queued", "-S", "evaluate.bootstrap=13")
    project.dvc("exp", "run", "-q", "--run-all")
    assert project.params()["evaluate"]["bootstrap"] == 10
    assert project.plan("all") == {}
    for name, value in (("aside", 12), ("queued", 13), ("here", 11)):
        project.dvc("exp", "apply", "-q", name)
        assert project.params()["evaluate"]["bootstrap"] == value
        assert project.plan("all") == {}
        assert "up to date" in project.dvc("status").stdout
    shown = project.dvc("exp", "show", "--csv").stdout
    assert all(name in shown for name in ("here", "aside", "queued"))


# (5) kills


def test_after_kills_the_same_command_finishes(project: Project):
    project.set("evaluate.bootstrap", 11)
    with project.started("snakemake", "stage_evaluate") as run:  # a job
        os.kill(project.wait_for("evaluate")[0], signal.SIGKILL)
        assert run.wait() != 0
    assert project.plan("all")["evaluate"] >= 1

    project.set("evaluate.bootstrap", 12)
    with project.started("snakemake", "all") as run:  # Snakemake: its jobs end with it
        project.wait_for("evaluate")
        run.kill()
        run.wait()
        project.wait_for("evaluate", gone=True)
    assert project.plan("all") == EVALUATION

    with project.started("dvc", "repro") as run:  # DVC: the Snakemake that it started ends with it, and so on
        project.wait_for("evaluate")
        run.kill()
        run.wait()  # until then the process still has its number, and DVC takes it for alive
        project.wait_for("stage_evaluate", gone=True)
        project.wait_for("evaluate", gone=True)
    assert "evaluate" in project.repro()
    assert project.plan("all") == {}
    assert "up to date" in project.dvc("status").stdout


# (6) missing files


def test_a_missing_big_file_is_rebuilt_alone(project: Project):
    model = project.path / "work/pretrain/ours.default.safetensors"
    model.rename(model.with_suffix(".aside"))
    assert project.plan("all") == {"pretrain": 1}
    model.with_suffix(".aside").rename(model)
    lost = [project.path / "work" / name for name in ("nmfc/ann.h5", "flow/bea.h5")]
    for path in lost:
        path.unlink()
    assert project.plan("all") == {"nmfc": 1, "flow": 1}
    assert project.plan("stage_cache") == {"nmfc": 1, "flow": 1}
    assert project.plan("stage_tracking") == {}
    project.snakemake("all")
    assert all(path.stat().st_size > 0 for path in lost)
    assert project.plan("all") == {}


def test_a_missing_big_file_does_not_hide_a_change(project: Project):
    (project.path / "work/nmfc/ann.h5").unlink()
    project.set("nmfc.region", "head")
    assert project.plan("all") == {"nmfc": 3, "cache": 3, **TRAINING}


# people who cannot be used


def test_a_rejected_person_stops_nobody_else(project: Project):
    add_faceless(project.path, "eve")
    (project.path / "data/identities/no body").mkdir()
    run = project.snakemake("all", check=False)
    assert run.returncode != 0
    told = run.stdout + run.stderr
    assert "eve: " in told and "What to do" in told and "no body" in told
    assert "ours" in (project.path / "reports/tables/table1.csv").read_text()
    assert json.loads((project.path / "work/cache/eve.json").read_text())["status"] == "rejected"
    assert project.plan("all") == {"verdict": 1}
    assert project.plan("quickstart") == {"verdict": 1}
    assert project.snakemake("all", check=False).returncode != 0

    add_person(project.path, "eve", 4)
    (project.path / "data/identities/no body").rmdir()
    model = project.path / "work/pretrain/ours.default.json"
    trained = model.stat().st_mtime_ns
    assert project.plan("all")["frames"] == 1
    project.snakemake("all")
    assert model.stat().st_mtime_ns == trained
    assert "eve" in (project.path / "reports/metrics.json").read_text()
    assert project.plan("all") == project.plan("quickstart") == {}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("params.yaml", "tracking: {smoothnes: 1}\n", "unknown key"),
        ("data/identities/ann/identity.yaml", "rolle: target\n", "unknown key rolle"),
        ("data/identities/ann/identity.yaml", "role: hero\n", "role"),
    ],
)
def test_mistakes_in_settings_stop_before_the_first_job(project: Project, file, text, message):
    if file == "params.yaml":
        project.write_params({**project.params(), "tracking": {"smoothnes": 1}})
    else:
        (project.path / file).write_text(text)
    run = project.snakemake("all", check=False)
    assert run.returncode != 0
    assert message in run.stderr and Path(file).name in run.stderr and "Traceback" not in run.stderr
    assert "Job stats" not in run.stderr


# quickstart and profiles


def test_quickstart_then_all(project: Project):
    for folder in ("work/quickstart", "work/tables", "work/verdict"):
        for path in (project.path / folder).iterdir():
            path.unlink()
    project.snakemake("quickstart")
    assert project.plan("quickstart") == {}
    assert project.plan("all") == {
        "table": 1,
        "metrics": 1,
        "report": 1,
        "rejections": 1,
    }  # they replace the quickstart's


def test_profiles_swap_parameters_and_lock(project: Project):
    before = (project.path / "params.yaml").read_text()
    (project.path / "params/other.yaml").write_text(
        "profile: {name: other, work: runs/other/work, reports: runs/other/reports}\nimage: {size: 56}\n"
    )
    h2h = (sys.executable, "-m", "h2h.cli", "profile")
    project.run(*h2h, "use", "other")
    assert not (project.path / "dvc.lock").exists()
    assert project.plan("stage_frames") == {"frames": len(PEOPLE)}
    project.set("image.size", 64)
    refused = project.run(*h2h, "use", "laptop", check=False)
    assert refused.returncode != 0 and "image.size: 56 -> 64" in refused.stderr
    project.run(*h2h, "use", "laptop", "--discard")
    assert (project.path / "params.yaml").read_text() == before
    assert project.plan("all") == {}
    assert "up to date" in project.dvc("status").stdout
