"""What a lost file, a bad clip or a mistake leaves; tests/faults has what machines and strangers do."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import pytest
from workflow.clips import add_faceless, add_person
from workflow.counts import CACHING, TRAINING
from workflow.project import Project

from h2h.io.cards import read_card, sha256

# (6) missing files


def contents(path: Path) -> dict[str, bytes]:
    """The datasets and attributes of an artifact, as bytes."""
    with h5py.File(path) as file:
        found = {f"@{key}": str(value).encode() for key, value in file.attrs.items()}
        file.visititems(lambda key, it: found.update({key: it[()].tobytes()}) if isinstance(it, h5py.Dataset) else None)
        return found


def test_a_missing_big_file_is_rebuilt_alone(project: Project):
    model = project.path / "work/pretrain/ours.default.safetensors"
    model.rename(model.with_suffix(".aside"))
    assert project.plan("all") == {"pretrain": 1}
    model.with_suffix(".aside").rename(model)
    lost = [project.path / "work" / name for name in ("nmfc/ann.h5", "flow/bea.h5", "cache/cyd.h5")]
    sums, before = {path: sha256(path) for path in lost}, {path: contents(path) for path in lost}
    for path in lost:
        path.unlink()
    assert project.plan("all") == project.plan("stage_cache") == {"nmfc": 1, "flow": 1, "cache": 1}
    assert project.plan("stage_tracking") == {}
    project.snakemake("all")
    for path in lost:  # the same bytes; the datasets first, so that a difference is named
        after = contents(path)
        assert [key for key, value in before[path].items() if after.get(key) != value] == [], path
        assert sha256(path) == read_card(path)["sha256"] == sums[path]
    assert project.plan("all") == {}


def test_a_missing_big_file_does_not_hide_a_change(project: Project):
    (project.path / "work/nmfc/ann.h5").unlink()
    project.set("nmfc.region", "head")
    assert project.plan("all") == {"nmfc": 3, **CACHING, **TRAINING}


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
    assert project.plan("quickstart") == {"quickstart_verdict": 1}
    assert project.snakemake("all", check=False).returncode != 0

    add_person(project.path, "eve", 4)
    (project.path / "data/identities/no body").rmdir()
    model = project.path / "work/pretrain/ours.default.json"
    trained = model.stat().st_mtime_ns
    assert project.plan("all")["frames"] == 1
    project.snakemake("all")
    assert model.stat().st_mtime_ns == trained
    assert "eve" in (project.path / "reports/metrics.json").read_text()
    assert project.plan("all") == {}


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


def test_a_mistake_in_a_table_that_only_all_full_makes(project: Project):
    project.set("tables.cycle", {"title": "back", "rows": ["ours"], "cycles": [["bea", "ann"]], "full": True})
    run = project.snakemake("all", check=False)
    assert run.returncode != 0 and "bea is nobody whom the table's ours is scored on" in run.stderr
    assert ".smk" not in run.stderr  # where in our code is nobody's business


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("reports/people/nobody.json", "there is no person nobody"),
        ("work/frames/nobody.json", "there is no person nobody"),
        ("work/pretrain/ours.nofold.json", "there is no fold nofold"),
        ("reports/results/nothing.json", "there is no table nothing"),
        ("reports/figures/nothing.json", "there is no figure nothing"),
        ("reports/experiments/nothing.json", "there is no experiment nothing"),
    ],
)
def test_who_asks_for_what_is_not_there_is_told_what_is(project: Project, target, message):
    run = project.snakemake(target, check=False)
    assert run.returncode != 0 and message in run.stderr and "What to do: name one that there is" in run.stderr
    assert "Traceback" not in run.stderr and ".smk" not in run.stderr
