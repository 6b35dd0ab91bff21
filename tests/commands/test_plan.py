"""The plan counts the workflow's jobs and scales the measured rates."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from workflow.clips import FPS, add_person

from h2h import layout
from h2h.commands import plan
from h2h.config import Params, load_params, merge, validate
from h2h.config.experiments import Table
from h2h.errors import UserError
from h2h.stages import STAGES

ROOT = Path(__file__).parents[2]
NAMES = ("audun", "franck", "jolly", "langer")


def params(**sections) -> Params:
    values = {**load_params(ROOT / "params.yaml").model_dump(), "figures": {}}  # the tests have tables of their own
    return validate(Params, merge(values, sections), "test")


def costs(settings: Params, folder: Path, frames: int = 200) -> dict[str, plan.Cost]:
    for name in NAMES:
        (folder / name).mkdir(exist_ok=True)
    who = layout.cast(settings, folder)
    wanted, _ = layout.everything(settings, who)
    return {c.stage: c for c in plan.estimate(settings, who, wanted, dict.fromkeys(NAMES, frames))}


def test_every_stage_has_a_rate():
    assert set(plan.RATES) == set(STAGES)


def test_jobs_are_those_of_the_workflow(tmp_path: Path):
    rows = ["ours", "vid2vid", "nearest_frame", "scratch"]
    settings = params()
    settings = settings.model_copy(
        update={"tables": {"table1": Table(title="one", rows=rows, folds=["default", "second"])}}
    )
    found = costs(settings, tmp_path)
    assert found["frames"].jobs == found["cache"].jobs == len(NAMES)
    assert found["pretrain"].jobs == 4  # two methods that learn, two folds
    assert found["finetune"].jobs == 3 * 2  # and from fresh weights
    assert found["evaluate"].jobs == 4 * 2  # and nearest frame
    assert found["synthesize"].jobs == 4 * 2 + 1  # and a cross-person video (nobody named obama is there)


def test_tables_that_only_all_full_makes_are_not_planned(tmp_path: Path):
    rows = ["ours", "nearest_frame"]
    tables = {"table1": Table(title="one", rows=rows), "later": Table(title="two", rows=rows, full=True)}
    found = costs(params().model_copy(update={"tables": tables}), tmp_path)
    assert found["table_page"].jobs == found["tables_pdf"].jobs == 1
    assert found["tables"].jobs == found["report"].jobs == 2  # and the quickstart's, which comes first


def test_the_quickstart_writes_one_table_and_its_pages_in_one_job(tmp_path: Path):
    settings = validate(Params, load_params(ROOT / "params.yaml").model_dump(), "test")  # with its figures
    for name in (*NAMES, "obama"):
        (tmp_path / name).mkdir()
    who = layout.cast(settings, tmp_path)
    wanted = layout.quickstart(settings, who)
    assert wanted is not None
    found = {c.stage: c.jobs for c in plan.estimate(settings, who, wanted, dict.fromkeys(who.people, 200), True)}
    assert found["cache"] == 5 and found["synthesize"] == 3
    assert found["tables"] == found["report"] == 1 and found["person_media"] == 4  # nobody is driven by obama yet
    pages = ("person_page", "table_page", "figure_page", "experiment_page", "tables_pdf")
    assert [found[page] for page in pages] == [0] * 5


def test_an_experiment_costs_what_its_own_parameters_say(tmp_path: Path):
    hours = {}
    for epochs in (50, 100):
        entry = {"method": "ours", "changes": {"finetune.epochs": epochs}}
        settings = params(experiments={"long": entry})
        settings = settings.model_copy(
            update={"tables": {"table1": Table(title="one", rows=["ours", "nearest_frame", "long"])}}
        )
        hours[epochs] = costs(settings, tmp_path)["finetune"].hours
    assert hours[100] > 1.2 * hours[50]


def test_an_imported_initialisation_costs_no_training(tmp_path: Path):
    """Experiments that are scored on the network's own people still train theirs."""
    tables = {"table1": Table(title="one", rows=["ours", "nearest_frame"])}
    trained = costs(params().model_copy(update={"tables": tables}), tmp_path)["pretrain"]
    settings = params(pretrain={"imported": "models/a.h2hinit"})
    imported = costs(settings.model_copy(update={"tables": tables}), tmp_path)["pretrain"]
    assert imported.jobs == trained.jobs == 1 and imported.hours < 0.1 * trained.hours
    assert settings.imported("ours") == "models/a.h2hinit" and settings.imported("many") is None


def test_released_weights_cost_no_training(tmp_path: Path):
    def pretraining(rows: list[str], x2face: str) -> plan.Cost:
        tables = {"table1": Table(title="one", rows=[*rows, "nearest_frame"])}
        return costs(params(network={"x2face": x2face}).model_copy(update={"tables": tables}), tmp_path)["pretrain"]

    ours, trained = pretraining(["ours"], "released"), pretraining(["ours", "x2face"], "trained")
    copied = pretraining(["ours", "x2face"], "released")
    assert trained.jobs == copied.jobs == 2 and copied.hours < trained.hours
    assert copied.hours == pytest.approx(ours.hours + plan.RATES["pretrain"].start / 3600)


def test_costs_scale_with_epochs_size_and_network(tmp_path: Path):
    rows = {"table1": Table(title="one", rows=["ours", "vid2vid", "nearest_frame"])}  # with params.yaml's own epochs

    def of(**sections) -> dict[str, plan.Cost]:
        return costs(params(**sections).model_copy(update={"tables": rows}), tmp_path)

    base = of()
    start = plan.RATES["pretrain"].start * base["pretrain"].jobs / 3600
    double = of(pretrain={"epochs": 2 * params().pretrain.epochs})
    assert double["pretrain"].hours - start == pytest.approx(2 * (base["pretrain"].hours - start))
    large = of(image={"size": 256}, network={"filters": 64})
    assert large["pretrain"].hours - start == pytest.approx(16 * (base["pretrain"].hours - start))
    assert large["nmfc"].gigabytes == pytest.approx(4 * base["nmfc"].gigabytes)
    assert large["landmarks"] == base["landmarks"]


def test_frames_of_a_person(tmp_path: Path):
    add_person(tmp_path, "ann", 0, frames=30)
    folder = tmp_path / "data" / "identities"
    assert plan.frames_of("ann", params(frames={"fps": FPS}), folder) == pytest.approx(30, abs=1)
    assert plan.frames_of("ann", params(frames={"fps": FPS / 2}), folder) == pytest.approx(15, abs=1)
    assert plan.frames_of("ann", params(frames={"max_frames": 8}), folder) == 8
    (folder / "bea").mkdir()
    assert plan.frames_of("bea", params(), folder) == 0


def test_the_table_adds_up():
    text = plan.table([plan.Cost("frames", 2, 3.0, 1.5), plan.Cost("cache", 1, 1.0, 0.5)], cores=2)
    assert text.splitlines()[-1].split() == ["all", "3", "2.00", "2.00"]


def test_a_plan_refuses_what_the_workflow_refuses(in_project, monkeypatch):
    params = load_params()
    clash = params.model_copy(update={"tables": {**params.tables, "all": params.tables["table1"]}})
    monkeypatch.setattr("h2h.commands.plan.load_params", lambda: clash)
    with pytest.raises(UserError, match=r"tables\.all"):
        plan.command.main([], standalone_mode=False)
