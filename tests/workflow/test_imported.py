"""A multi-person network that somebody else trained: nothing of the initialisation set is needed any more."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from workflow.counts import REPORTING
from workflow.project import Project

# nearest_frame has no network, and one of the three people is gone
LEARNED = {"pretrain": 1, "finetune": 1, "synthesize": 2, "evaluate": 1, **REPORTING, "person_page": 2}


def test_with_an_imported_network_only_what_follows_it_runs(project: Project):
    shutil.rmtree(project.path / "data/identities/bea")
    project.set("pretrain.imported", "models/ours-0123456789ab.h2hinit")
    assert project.plan("all") == LEARNED


@pytest.mark.slow
def test_from_export_to_fine_tuning(project: Project):
    h2h = [sys.executable, "-m", "h2h.cli"]
    project.run(*h2h, "export", "--init", "-o", "ours.h2hinit")
    shutil.rmtree(project.path / "data/identities/bea")
    project.run(*h2h, "import", "ours.h2hinit")
    assert project.plan("all") == LEARNED
    project.snakemake("stage_finetune")
    tuned = json.loads((project.path / "work/finetune/ours.ann.json").read_text())["summary"]
    assert tuned["imported"]["people"] == 2 and tuned["people"] == ["ann"]
    plan = project.plan("all")
    assert "pretrain" not in plan and "finetune" not in plan
