"""What a rule records of a job is what `expected` says of it: else no lost file is known to be unchanged."""

from __future__ import annotations

import json
from pathlib import Path

from workflow.project import Project

COMPARE = """
import snakemake.rules

include: "Snakefile"

RECORDED = {"cfg", "code", "base", "content", "role", "methods"}  # the other params are paths, or what a film says


def compared(stage, name):
    found = workflow.get_rule(stage)
    wildcards = snakemake.rules.Wildcards(fromdict=found.get_wildcards(PATHS.card(stage, name)))
    params = {key: value for key, value in found.params.items() if key in RECORDED}
    sources = [path for path in found.expand_input(wildcards)[0] if path.endswith(".json")]
    now, inputs = expected(stage, name)
    return {
        "job": f"{stage}/{name}",
        "recorded": {key: value(wildcards) if callable(value) else value for key, value in params.items()},
        "expected": now,
        "inputs": sorted({*sources}),
        "expected_inputs": None if inputs is None else sorted(inputs),
    }


JOBS = [*jobs_of(FULL).items(), ("flow_data", ["flow_data"]), ("flow_finetune", [layout.FLOW_NETWORK])]
with open("compared.json", "w") as file:
    json.dump([compared(stage, name) for stage, names in JOBS for name in names], file)
"""


def test_of_every_job(tmp_path: Path):
    project = Project.create(tmp_path / "project")
    project.set("experiments.longer", {"method": "ours", "label": "longer", "changes": {"finetune.epochs": 3}})
    project.set("identities.folds", {"second": {"initialise": ["bea"], "targets": ["cyd"]}})  # who drives is drawn too
    rows = {"rows": ["ours", "longer"], "full": True}
    project.set("tables.back", {"title": "there and back", "cycles": [["ann", "cyd"]], **rows})
    project.set("tables.seen", {"title": "seen", "detector": True, **rows})
    (project.path / "compare.smk").write_text(COMPARE)
    project.snakemake("-s", "compare.smk", "--list-rules")
    jobs = json.loads((project.path / "compared.json").read_text())
    assert {"round_trip/longer.ann.cyd", "detector/seen"} <= {job["job"] for job in jobs}
    unlike = [job["job"] for job in jobs if job["expected"] != job["recorded"]]
    unlike += [job["job"] for job in jobs if job["expected_inputs"] not in (None, job["inputs"])]
    assert not unlike
