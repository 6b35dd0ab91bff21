"""What the stage tables leaves in its folder, which pages show as it is."""

import json
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from report_project import make_project

from h2h.config import Sections
from h2h.stages import tables

PARTS = ("transfers", "cycles", "detector", "detector_crossed")


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a table of a project whose artifacts are drawn; the files that it then has, by what follows its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("H2H_SIGNING_KEY", str(tmp_path / "signing"))
    make_project(tmp_path)
    csv = tmp_path / "reports/tables/table1.csv"
    csv.parent.mkdir(parents=True)

    def run(**inputs):
        scored = [tmp_path / "work/evaluate/ours.ann.h5"]
        tables.run("table1", csv, Sections({}), evaluations=scored, markdown=csv.with_suffix(".md"), **inputs)
        return {path.stem.removeprefix("table1_") for path in csv.parent.glob("table1_*.csv")}

    return run


def test_what_a_table_no_longer_has_goes_away(write, tmp_path):
    """`transfers: true` is taken out of params.yaml, or a cycle is rejected: pages showed the old block for ever."""
    work = tmp_path / "work"
    inputs = {
        "transfers": [work / "transfers/ours.ann.cyd.h5"],
        "cycles": [work / "round_trip/ours.ann.cyd.h5"],
        "detector": [work / "detector/table1.h5"],
    }
    assert write(**inputs) == set(PARTS)
    assert write(**inputs | {"transfers": None}) == {"cycles", "detector", "detector_crossed"}
    assert write(detector=inputs["detector"]) == {"detector", "detector_crossed"}
    assert write() == set() and (tmp_path / "reports/tables/table1.csv").exists()


def test_a_table_of_such_a_name_stays(write, tmp_path):
    params = tmp_path / "params.yaml"
    values = yaml.safe_load(params.read_text())
    values["tables"]["table1_cycles"] = {"title": "Another one", "rows": ["ours"]}
    params.write_text(json.dumps(values))
    (tmp_path / "reports/tables/table1_cycles.csv").touch()
    assert write() == {"cycles"}
