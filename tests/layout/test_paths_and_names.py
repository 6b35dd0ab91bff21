"""Paths, and names that are taken."""

from __future__ import annotations

import re

import pytest
from layout.settings import ROOT, params, with_figures

from h2h import layout
from h2h.errors import UserError


def test_paths():
    paths = layout.Layout("work", "reports")
    assert paths.artifact("frames", "ann") == "work/frames/ann.h5"
    assert paths.artifact("pretrain", "ours.default") == "work/pretrain/ours.default.safetensors"
    assert paths.card("pretrain", "ours.default") == "work/pretrain/ours.default.json"


@pytest.mark.parametrize("name", ["all", "frames", "table", "stage_cache"])
def test_a_table_is_a_target_of_its_own(name: str):
    with pytest.raises(UserError, match=f"tables.{name}"):
        layout.check_names(params({"tables": {name: {"title": "one", "rows": ["ours"]}}}))
    layout.check_names(params())


def test_the_reserved_names_are_the_workflows_rules():

    text = "".join(path.read_text() for path in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")])
    rules = set(re.findall(r"^(?:rule|checkpoint|use rule \w+ as) (\w+)(?: with)?:", text, re.MULTILINE))
    assert {name for name in rules if not name.startswith("stage_")} == set(layout.TARGETS)


def test_a_figure_is_a_target_of_its_own():
    for name in ("all", "table1"):
        with pytest.raises(UserError, match=f"figures.{name}"):
            layout.check_names(params({"figures": {name: with_figures()["figures"]["fs_figure3"]}}))
