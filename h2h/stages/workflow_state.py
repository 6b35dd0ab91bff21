"""How far the workflow is: jobs done and rejected per stage, person and experiment, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from h2h import layout, provenance
from h2h.config import Params
from h2h.io.cards import read_card
from h2h.pages.stage_graph import Drawing, StageState, draw
from h2h.stages import STAGES
from h2h.stages.costs import minutes

LEARNING = ("pretrain", "finetune", "synthesize", "evaluate", "transfers")
PAGES = (
    "person_media",
    "person_page",
    "table_page",
    "figure_page",
    "experiment_page",
    "tables_pdf",
)  # one box: the report


def jobs(params: Params, who: layout.Cast, wanted: layout.Wanted) -> dict[str, Sequence[str]]:
    """Stage -> names of the artifacts that a run asks for, up to the scores."""
    found: dict[str, Sequence[str]] = {stage: who.people for stage in layout.PREPROCESSING}
    found["flow"] = (*who.people, *wanted.flows)
    found |= layout.flow_jobs(params, wanted)
    found["head_model"] = ("head_model",)
    found |= {"pretrain": wanted.pretrained, "finetune": wanted.finetuned}
    found |= {"synthesize": wanted.synthesized, "evaluate": wanted.evaluated}
    return found | {"transfers": wanted.transferred, "round_trip": wanted.cycled, "detector": wanted.detected}


def status(work: Path, stage: str, name: str) -> str:
    """What became of a job: "done", "rejected" or "missing"."""
    path = work / stage / f"{name}.json"
    return str(read_card(path)["status"]) if path.exists() else "missing"


def graph(wanted: Mapping[str, Sequence[str]], tables: Sequence[str], work: Path) -> Drawing:
    """The drawing of dvc.yaml's stages, with what became of the jobs.

    Args:
        wanted: of `jobs`.
        tables: made in this run.
        work: folder of all artifacts.
    """
    prefix = "${profile.work}/"
    reads = {
        stage: [
            dep.removeprefix(prefix) for dep in provenance.stages()[stage].get("deps", []) if dep.startswith(prefix)
        ]
        for stage in STAGES
        if stage not in PAGES
    }
    states = {stage: _state(stage, names, work) for stage, names in wanted.items()}
    states |= {"tables": StageState(len(tables), len(tables)), "report": StageState(1, 1)}
    return draw(reads, states)


def _state(stage: str, names: Sequence[str], work: Path) -> StageState:
    found = [status(work, stage, name) for name in names]
    took = [time for name in names if (time := minutes(stage, name)) is not None]
    told = f"{STAGES[stage]} {', '.join(names)}. {sum(took):.1f} min in all" if names else STAGES[stage]
    return StageState(found.count("done"), len(names), found.count("rejected"), told)


def people_matrix(who: layout.Cast, work: Path) -> dict[str, Any]:
    """Per person the minutes of each stage of the pre-processing: columns, and rows of cells."""
    return {
        "columns": layout.PREPROCESSING,
        "rows": [(name, [_cell(work, stage, name) for stage in layout.PREPROCESSING]) for name in who.people],
    }


def learning_matrix(params: Params, who: layout.Cast, wanted: layout.Wanted, work: Path) -> dict[str, Any]:
    """Per synthesised video the minutes of its trainings, of the synthesis and of the scoring."""
    rows, order = [], list(params.experiments)
    for key in sorted(wanted.synthesized, key=lambda key: (order.index(key.split(".")[0]), key)):
        experiment, target, source = key.split(".")
        network = dict([layout.network(params, who, experiment, target) or ("", "")])
        if "finetune" in network and params.experiments[experiment].initialise:
            fold = layout.fold_in(params, who, experiment, target)
            network["pretrain"] = f"{layout.trunk(params, experiment)}.{fold}"
        network |= {"synthesize": key} | ({"evaluate": f"{experiment}.{target}"} if source == target else {})
        network |= {"transfers": key} if key in wanted.transferred else {}
        cells = [_cell(work, stage, network[stage]) if stage in network else ("", "no") for stage in LEARNING]
        rows.append((experiment, target, source, cells))
    return {"columns": LEARNING, "rows": rows}


def _cell(work: Path, stage: str, name: str) -> tuple[str, str]:
    """What is printed, and its class."""
    from h2h.pages.templating import duration

    state = status(work, stage, name)
    if state == "done":
        return duration(minutes(stage, name)) or "done", "yes"
    return ("rejected", "bad") if state == "rejected" else ("–", "no")
