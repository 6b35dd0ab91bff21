"""The cluster's profile against the workflow's rules. tests/slurm runs it on a real Slurm."""

import re
from pathlib import Path

import pytest
from workflow.project import ROOT, Project

from h2h.config import read_yaml

RULE = re.compile(r"^(?:rule|checkpoint|use rule \w+ as) (\w+)", re.MULTILINE)
ON_GPU = {"flow", "flow_pretrain", "flow_finetune", "pretrain", "finetune", "synthesize", "round_trip"}


@pytest.fixture(scope="module")
def profile():
    return read_yaml(ROOT / "profiles" / "slurm" / "config.yaml")


@pytest.fixture(scope="module")
def rules():
    """The rules that have jobs."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))
    return {name for name in RULE.findall(text) if not name.startswith("stage_")}


def test_every_rule_has_memory_and_minutes(profile, rules):
    assert {"frames", "pretrain", "full_metrics", "verdict"} <= rules
    assert set(profile["set-resources"]) == rules
    for name, resources in profile["set-resources"].items():
        assert 500 <= resources["mem_mb"] and 1 <= resources["runtime"], name


def test_a_gpu_for_the_rules_whose_code_uses_one(profile, rules):
    assert {name for name, resources in profile["set-resources"].items() if resources.get("gpu")} == ON_GPU
    stages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "h2h" / "stages").glob("*.py")}
    using = {name for name, text in stages.items() if "pick_device" in text}
    assert using & rules < ON_GPU and {"pretrain", "flow_pretrain"} <= ON_GPU  # trainings pick theirs in their session


def test_a_group_asks_for_no_gpu(profile, rules):
    """It would ask for as many as it has jobs side by side."""
    assert set(profile["groups"]) <= rules - ON_GPU
    assert set(profile["group-components"]) == set(profile["groups"].values())
    assert set(profile["set-threads"]) <= rules


def test_no_rule_wants_the_number_of_all_cores():
    """A cluster has none, and Snakemake stops at `workflow.cores` there."""
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        assert "workflow.cores" not in path.read_text(encoding="utf-8"), path


def test_snakemake_plans_with_the_profile(tmp_path: Path):
    """The jobs of a fresh project, in groups that do not wait for themselves (without a Slurm here, so local ones)."""
    project = Project.create(tmp_path / "project")
    options = ("--workflow-profile", "profiles/slurm", "--executor", "local", "--cores", "2")
    assert project.plan("all", *options) == project.plan("all") != {}
