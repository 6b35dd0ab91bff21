"""The report's first page."""

from __future__ import annotations

from typing import Any

import numpy as np

from h2h.config.experiments import REENACTING
from h2h.io.h5 import reading
from h2h.stages import workflow_state
from h2h.stages.costs import minutes
from h2h.stages.page_data import SHEET, done_card, link, read_table, save
from h2h.stages.report_run import Run
from h2h.stages.report_scope import figures_of

MOMENTS = 6  # in the picture of the result


def overview_page(run: Run, flow: dict[str, Any] | None) -> str:
    """The page, and the picture in it; `flow` is that of `facial_flow`, if the flow networks are there."""
    from h2h.evaluation.environment import commit
    from h2h.pages.heading import heading
    from h2h.pages.templating import render

    made = workflow_state.jobs(run.params, run.who, run.goal)
    return render(
        "overview.html",
        root="",
        section="overview",
        title="Report",
        profile=run.params.profile.name,
        params=run.params,
        scope=run.scope,
        commit=commit(),
        rejected=run.rejected,
        result=_result(run),
        tables=[_table(name, run) for name in run.tables],
        figures=[_figure(name, run) for name in figures_of(run.params, run.scope)],
        waiting=[name for name in run.params.tables if name not in run.tables],
        heading=heading,
        drawing=workflow_state.graph(made, run.tables, run.work),
        people_matrix=workflow_state.people_matrix(run.who, run.work),
        learning_matrix=workflow_state.learning_matrix(run.params, run.who, run.goal, run.work),
        total=sum(took for stage, names in made.items() for name in names if (took := minutes(stage, name))),
        people=[_person(name, run) for name in run.shown],
        without_page=len(run.who.people) - len(run.shown),
        shown=run.shown,
        pages=run.params.profile.reports,
        shared=link(run.site.media.parent / "x", run.site.root / "index.html")[:-1],
        metrics=run.metrics.name,
        experiments=[_experiment(name, run) for name in run.experiments],
        labels=run.labels,
        flow=flow,
    )


def _table(name: str, run: Run) -> dict[str, Any]:
    from h2h.evaluation.score_table import MEAN
    from h2h.pages.findings import finding
    from h2h.pages.heading import heading

    measured, table = read_table(run.site.tables / f"{name}.csv"), run.params.tables[name]
    people = [str(person) for person in measured["person"] if person != MEAN]
    entry = {"name": name, "heading": heading(name), "title": table.title, "published": table.published}
    return entry | {"rows": len(people), "people": sorted(set(people)), "finding": finding(measured, run.labels)}


def _figure(name: str, run: Run) -> dict[str, Any]:
    """A figure; its page has an address if it is there."""
    from h2h.pages.heading import heading

    figure, page = run.params.figures[name], run.site.figure(name)
    found = {"name": name, "heading": heading(name), "caption": figure.caption, "table": heading(figure.table)}
    return found | {"url": link(page, run.site.root / "index.html") if page.exists() else ""}


def _person(name: str, run: Run) -> dict[str, Any]:
    card = done_card(run.work, "cache", name)
    own = [key for key in run.goal.synthesized if key.split(".")[1] == name]
    return {
        "name": name,
        "role": run.who.roles[name],
        "facts": card["summary"] if card else None,
        "films": sum(done_card(run.work, "synthesize", key) is not None for key in own),
        "face": f"media/{name}/face.jpg" if (run.site.media / name / SHEET).is_file() and card else "",
    }


def _experiment(name: str, run: Run) -> dict[str, Any]:
    entry, took = run.params.experiments[name], []
    for stage, keys in (("pretrain", run.goal.pretrained), ("finetune", run.goal.finetuned)):
        own = [key for key in keys if key.split(".")[0] == name]
        took += [found for key in own if (found := minutes(stage, key)) is not None]
    changes = [f"{key} = {value}" for key, value in entry.changes.items()]
    changes += ["not initialised"] * (not entry.initialise) + ["not fine-tuned"] * (not entry.finetune)
    changes += [f"initialised also on {', '.join(entry.company)}"] * bool(entry.company)
    about = {"name": name, "label": run.labels[name], "method": entry.method, "changes": changes}
    return about | {"minutes": sum(took) if took else None}


def _result(run: Run) -> dict[str, Any] | None:
    """One picture of what comes out: somebody else drives a person; without such a film, the held-out frames."""
    from h2h.evaluation import pictures

    done = [key for key in run.goal.synthesized if done_card(run.work, "synthesize", key)]
    keys = [key for key in done if key.split(".")[0] == REENACTING]
    if not keys:
        return None
    key = min(keys, key=lambda key: key.split(".")[1] == key.split(".")[2])
    _, target, source = key.split(".")
    with reading(run.work / f"synthesize/{key}.h5") as made, reading(run.work / f"cache/{source}.h5") as driving:
        shown = pictures.evenly(len(made["index"]), MOMENTS)
        rows = {
            f"{source} drives" if source != target else "truth": [driving["frames"][made["index"][i]] for i in shown],
            "condition": [np.maximum(made["nmfc"][i], made["gaze"][i]) for i in shown],
            f"{target}, made": [made["composite"][i] for i in shown],
        }
    picture = pictures.grid(rows, side=176, label_width=0)
    save(run.site.root / "assets" / "result.jpg", pictures.to_jpeg(picture))
    about = {"target": target, "source": source, "labels": list(rows)}
    return about | {"width": picture.shape[1], "height": picture.shape[0]}
