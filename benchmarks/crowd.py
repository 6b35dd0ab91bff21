"""A project with hundreds of people in which everything counts as done, made in minutes instead of months.

Every artifact is a small file that says that it is a stand-in, with a true card (`h2h.io.cards`); the records are
Snakemake's own, made by `snakemake --touch`. What Snakemake has to look at is what it would be after the real jobs:
the same rules, jobs, files, cards and records. Only the big files are small, and those it never reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from ruamel.yaml import YAML

from h2h.config import merge, read_yaml
from h2h.io.atomic import write_json
from h2h.io.cards import write_card

ROOT = Path(__file__).parents[1]
STAND_IN = "A stand-in of benchmarks/scale.py: no job has run.\n"
ARTIFACTS = (".h5", ".safetensors", ".csv", ".html", ".jpg", ".pdf")
# Snakemake waits a tenth of a second before it touches a job's outputs, for file systems with coarse times.
TOUCH = """
from snakemake.cli import main
from snakemake.executors.touch import Executor

Executor.SLEEPING_TIME = 0.001
main()
"""
OUTPUT = re.compile(r"^    output: (.+)$", re.MULTILINE)


def names_of(people: int) -> list[str]:
    """p000, p001, ..."""
    return [f"p{number:03}" for number in range(people)]


def paper_values(people: list[str], targets: int) -> dict[str, Any]:
    """The papers' parameters for people whose folders say who they are: the last `targets` of them are fine-tuned."""
    values = merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "params" / "paper.yaml"))
    target, source = people[-targets], people[0]
    folds = {name: {"initialise": people[:1], "targets": []} for name in values["identities"]["folds"]}
    folds["default"]["targets"] = [target]
    quickstart = {**values["identities"]["quickstart"], "target": target, "source": source}
    values["identities"] = {
        "folds": folds, "roles": {}, "quickstart": quickstart, "reenactments": [[source, target], [people[1], target]]
    }  # fmt: skip
    values["flow_data"]["backgrounds"] = people[:5]
    return values


def make(path: Path, people: int, targets: int) -> list[str]:
    """Write the project; `clip` is everybody's video. Returns the names."""
    names = names_of(people)
    for part in ("Snakefile", "dvc.yaml", "workflow", "profiles", "h2h"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, path / part)
    with open(path / "params.yaml", "w", encoding="utf-8") as file:
        YAML().dump(paper_values(names, targets), file)
    for number, name in enumerate(names):
        folder = path / "data" / "identities" / name
        folder.mkdir(parents=True)
        (folder / "clip.mp4").write_text(f"{STAND_IN}{name}\n", encoding="utf-8")
        role = "train" if number < people - targets else "target"
        (folder / "identity.yaml").write_text(f"role: {role}\nsource: stand-in\n", encoding="utf-8")
    return names


def snakemake(path: Path, *arguments: str) -> str:
    """Run Snakemake in the project; returns what it printed."""
    return run(path, [str(Path(sys.executable).with_name("snakemake")), *arguments])


def run(path: Path, command: list[str]) -> str:
    """Run a command in the project; returns what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("H2H_", "DVC_"))}
    done = subprocess.run(command, cwd=path, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout + done.stderr


def pretend(path: Path) -> int:
    """Write a stand-in for every output of `snakemake all`, and let Snakemake record them; returns their number."""
    listed = OUTPUT.findall(snakemake(path, "all", "-n"))
    outputs = [path / name for line in listed for name in line.split(", ")]
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.suffix != ".json":
            output.write_text(STAND_IN, encoding="utf-8")
    artifact_of = {output.with_suffix(".json"): output for output in outputs if output.suffix in ARTIFACTS}
    with mock.patch("os.fsync"):  # ten thousand stand-ins need not outlive a power cut
        for card in (output for output in outputs if output.suffix == ".json"):
            stage, name = card.parent.name, card.stem
            if card in artifact_of:
                write_card(artifact_of[card], stage, name, {"stand_in": True})
            else:
                write_json(card, {"stage": stage, "name": name, "status": "done", "stand_in": True})
    run(path, [sys.executable, "-c", TOUCH, "all", "--touch", "--forceall", "--quiet", "all"])
    return len(outputs)
