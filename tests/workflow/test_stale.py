"""What must run again after a change, and what must not."""

from __future__ import annotations

import json
import re
import sys

import pytest
from workflow.clips import add_person
from workflow.counts import CACHING, EVALUATION, PAGES, REPORTING, TRAINING
from workflow.project import PEOPLE, Project


def test_nothing_to_do_after_either_engine(finished: Project):
    assert finished.plan("all") == {}
    assert finished.plan("quickstart") == {"quickstart_verdict": 1}  # its own, of fewer people
    assert "up to date" in finished.dvc("status").stdout
    metrics = json.loads((finished.path / "reports/metrics.json").read_text())
    assert metrics
    assert "ours" in (finished.path / "reports/tables/table1.csv").read_text()
    page = (finished.path / "reports/index.html").read_text()
    assert "self-reenactment on held-out frames" in page and 'href="results/table1.html"' in page
    table = (finished.path / "reports/results/table1.html").read_text()
    assert re.search(r">\d+ \+ \d+</td>", table)  # minutes of the two trainings
    assert (finished.path / "reports/h2h_tables.pdf").read_bytes().startswith(b"%PDF")
    assert (finished.path / "work/synthesize/ours.ann.cyd.mp4").stat().st_size > 0


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
    assert project.plan("all") == {**jobs, **CACHING, **TRAINING}


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
    expected = {**own, "synthesize": 2, "evaluate": 2, "table": 1, "metrics": 1, "person_media": 1, "verdict": 1}
    assert project.plan("all") == {**expected, **PAGES, "person_page": 1}
    (project.path / "data/identities/dan/identity.yaml").write_text("role: source\n")
    assert project.plan("all") == {
        **{stage: count for stage, count in own.items() if stage != "finetune"},
        "person_media": 1,
        "person_page": 1,
        "report": 1,
        "verdict": 1,
    }


def test_a_changed_consent_is_said_in_all_films_and_pages(project: Project):
    (project.path / "data/identities/bea/identity.yaml").write_text("credit: bea\n")
    plan = project.plan("all")
    assert plan["person_page"] == 3 and plan["report"] == 1 and "synthesize" not in plan  # no film shows bea as drawn
    (project.path / "data/identities/ann/identity.yaml").write_text("consent: asked again\n")
    plan = project.plan("all")
    assert plan["synthesize"] == 3 and not {"frames", "cache", "pretrain", "finetune"} & set(plan)


# (3b) a new experiment


def test_a_new_experiment_is_one_entry(project: Project):
    """Only its own jobs run; equal multi-person trainings are shared."""
    project.set("tables.more", {"title": "more", "rows": ["ours", "scratch", "x2face", "many", "many_no_dynamics"]})
    new = {"pretrain": 2, "finetune": 1, "synthesize": 6, "evaluate": 6, "table": 1, "metrics": 1}
    new |= {**PAGES, "experiment_page": 6, "table_page": 2, "quickstart_report": 1}  # they name one more table
    plan = project.plan("all")
    assert plan.pop("quickstart_tables", 1) == 1 and plan.pop("verdict") == 1 and plan.pop("table") in (1, 2)
    assert plan == {key: count for key, count in new.items() if key != "table"}
    project.set("tables.more", {"title": "more", "rows": ["ours", "scratch", "many"]})
    project.snakemake("more")
    text = (project.path / "reports/tables/more.md").read_text()
    assert "without initialisation" in text and "| bea | all discriminators |" in text
    entry = project.params()["experiments"]["scratch"]
    project.set("experiments.scratch", {**entry, "changes": {"finetune.lr_generator": 1e-4}})
    plan = project.plan("all")
    assert [plan[stage] for stage in ("finetune", "synthesize", "evaluate")] == [1, 1, 1] and "pretrain" not in plan


def test_flow_networks_are_trained_where_somebody_asks(project: Project):
    networks = {"flow_data": 1, "flow_pretrain": 1, "flow_finetune": 1}
    project.set("tables.flows", {"title": "flows", "rows": ["flow_facial"], "full": True})
    own = {**networks, "flow": 3, "pretrain": 1, "finetune": 1, "synthesize": 1, "evaluate": 1}
    plan = project.plan("flows")
    assert {stage: plan[stage] for stage in own} == own and "cache" not in plan
    project.set("flow.method", "flownet2")
    assert project.plan("all") == {**networks, "flow": 3, **CACHING, **TRAINING}


# quickstart and profiles


def test_quickstart_then_all(project: Project):
    for folder in ("work/quickstart", "work/tables", "work/verdict"):
        for path in (project.path / folder).iterdir():
            path.unlink()
    project.snakemake("quickstart")
    assert project.plan("quickstart") == {}
    assert project.plan("all") == {"table": 1, "metrics": 1, **PAGES, "verdict": 1}  # they replace the quickstart's


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
