"""Stage report: the first page and those about data, environment and study; on demand every other page, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from h2h import layout
from h2h.config import Params, Sections, load_params
from h2h.config.experiments import REENACTING
from h2h.io.h5 import reading
from h2h.stages import workflow_state
from h2h.stages.costs import minutes
from h2h.stages.page_data import (
    SHEET,
    Site,
    done_card,
    done_cards,
    labels_of,
    link,
    read_metrics,
    rejections,
    save,
)
from h2h.stages.report_scope import cast_of, experiments_of, tables_of, wanted

MOMENTS = 6  # in the picture of the result


def run(
    name: str, output: Path, cfg: Sections, *, metrics: Path, work: Path, reports: Path, scope: str = "all"
) -> dict[str, Any]:
    """Write index.html (the output), data.html, environment.html and study.html beside it, and the assets.

    --metrics is the file that the tables stage wrote. With --scope quickstart or all_full every other page is written
    here, too, in this one process, from the artifacts that the run asks for; in `all` each page is a job of its own.
    """
    params, site = load_params(), Site.of(reports, output.parent)
    who = cast_of(params, scope)
    goal = wanted(params, who, scope)
    tables = [table for table in tables_of(params, scope) if table in read_metrics(metrics)]
    if scope != "all":
        from h2h.stages.report_whole import write_pages

        write_pages(site, work, params, who, goal, tables, cards=scope == "quickstart")
    from h2h.stages.report_assets import write_assets
    from h2h.stages.report_pages import data_page, environment_page, study_page

    experiments = experiments_of(params, goal.synthesized)
    films = sorted(site.root.glob("people/*/*.mp4"))
    films = [film for film in films if film.stem in goal.synthesized]
    flow = _flow(who, site, work)
    pages = _listed(site, params, who, tables, experiments, bool(flow))
    write_assets(site, pages)
    for title, page in (("data", data_page), ("environment", environment_page), ("study", study_page)):
        save(site.root / f"{title}.html", page(site, work, params, who, films))
    output.write_text(
        _overview(site, work, params, who, goal, tables, experiments, flow, scope, metrics), encoding="utf-8"
    )
    return {
        "people": list(who.people),
        "tables": tables,
        "experiments": experiments,
        "films": [film.stem for film in films],
        "rejected": sorted(rejections(work)),
        **({"flow": flow} if flow else {}),
    }


def _listed(
    site: Site, params: Params, who: layout.Cast, tables: list[str], experiments: list[str], flow: bool
) -> dict[str, list[tuple[str, str]]]:
    """The pages for the menu: group -> label and address from the first page."""
    from h2h.pages.heading import heading

    labels, index = labels_of(params), site.root / "index.html"
    first = [("Overview", "index.html"), ("Data and licences", "data.html"), ("Environment", "environment.html")]
    first += [("User study", "study.html")] + ([("Facial flow", "index.html#flow")] if flow else [])
    return {
        "Report": first,
        "Tables": [(heading(table), link(site.table(table), index)) for table in tables],
        "People": [(name, link(site.person(name), index)) for name in who.people],
        "Experiments": [(labels[name], link(site.experiment(name), index)) for name in experiments],
    }


def _overview(
    site: Site,
    work: Path,
    params: Params,
    who: layout.Cast,
    goal: layout.Wanted,
    tables: list[str],
    experiments: list[str],
    flow: dict[str, Any] | None,
    scope: str,
    metrics: Path,
) -> str:
    import pandas as pd

    from h2h.evaluation.environment import commit
    from h2h.pages.findings import finding
    from h2h.pages.heading import heading
    from h2h.pages.templating import render

    labels = labels_of(params)
    shown = []
    for key in tables:
        measured = pd.read_csv(site.tables / f"{key}.csv")
        rows = {(r["person"], r["experiment"]) for r in measured.to_dict("records") if r["person"] != "mean"}
        people = list(dict.fromkeys(person for person, _ in rows))
        entry = {"name": key, "heading": heading(key), "title": params.tables[key].title, "rows": len(rows)}
        shown.append(entry | {"people": sorted(people), "finding": finding(measured, labels)})
        shown[-1]["published"] = params.tables[key].published
    made = workflow_state.jobs(params, who, goal)

    def made_of(key: str) -> bool:
        return done_card(work, "synthesize", key) is not None

    cards = {name: done_card(work, "cache", name) for name in who.people}
    return render(
        "overview.html",
        root="",
        section="overview",
        title="Report",
        profile=params.profile.name,
        params=params,
        scope=scope,
        commit=commit(),
        rejected=rejections(work),
        result=_result(site, work, goal),
        tables=shown,
        waiting=[key for key in params.tables if key not in tables],
        heading=heading,
        drawing=workflow_state.graph(made, tables, work),
        people_matrix=workflow_state.people_matrix(who, work),
        learning_matrix=workflow_state.learning_matrix(params, who, goal, work),
        total=_total(made),
        people=[
            {
                "name": name,
                "role": who.roles[name],
                "facts": card["summary"] if card else None,
                "films": sum(key.split(".")[1] == name and made_of(key) for key in goal.synthesized),
                "face": f"media/{name}/face.jpg" if (site.media / name / SHEET).is_file() else "",
            }
            for name, card in cards.items()
        ],
        shared=link(site.media.parent / "x", site.root / "index.html")[:-1],
        metrics=metrics.name,
        experiments=[_experiment(name, params, goal) for name in experiments],
        labels=labels,
        flow=flow,
    )


def _experiment(name: str, params: Params, goal: layout.Wanted) -> dict[str, Any]:
    from h2h.config.experiments import labels

    entry = params.experiments[name]
    own = [key for key in (*goal.pretrained, *goal.finetuned) if key.split(".")[0] == name]
    took = [
        found
        for stage, keys in (("pretrain", goal.pretrained), ("finetune", goal.finetuned))
        for key in keys
        if key in own and (found := minutes(stage, key)) is not None
    ]
    changes = [f"{key} = {value}" for key, value in entry.changes.items()]
    changes += ["not initialised"] * (not entry.initialise) + ["not fine-tuned"] * (not entry.finetune)
    label = labels(params.experiments)[name]
    return {
        "name": name,
        "label": label,
        "method": entry.method,
        "changes": changes,
        "minutes": sum(took) if took else None,
    }


def _total(made: dict[str, Any]) -> float:
    """Minutes of all jobs whose logs are here."""
    return sum(found for stage, names in made.items() for name in names if (found := minutes(stage, name)) is not None)


def _result(site: Site, work: Path, goal: layout.Wanted) -> dict[str, Any] | None:
    """One picture of what comes out: somebody else drives a person; without such a film, the held-out frames."""
    from h2h.evaluation import pictures

    keys = [key for key in goal.synthesized if key.split(".")[0] == REENACTING and done_card(work, "synthesize", key)]
    if not keys:
        return None
    key = min(keys, key=lambda key: key.split(".")[1] == key.split(".")[2])
    _, target, source = key.split(".")
    with reading(work / "synthesize" / f"{key}.h5") as made, reading(work / "cache" / f"{source}.h5") as driving:
        shown = pictures.evenly(len(made["index"]), MOMENTS)
        rows = {
            f"{source} drives" if source != target else "truth": [
                driving["frames"][int(made["index"][i])] for i in shown
            ],
            "condition": [np.maximum(made["nmfc"][i], made["gaze"][i]) for i in shown],
            f"{target}, made": [made["composite"][i] for i in shown],
        }
    picture = pictures.grid(rows, side=176, label_width=0)
    save(site.root / "assets" / "result.jpg", pictures.to_jpeg(picture))
    height, width = picture.shape[:2]
    return {"target": target, "source": source, "width": width, "height": height, "labels": list(rows)}


def _flow(who: layout.Cast, site: Site, work: Path) -> dict[str, Any] | None:
    """What the flow networks are worth, and a film for everybody, where they are trained."""
    from h2h.stages.flow_film import write_flow_film
    from h2h.stages.flow_page import facial_flow, flow_estimators

    estimators = flow_estimators(work)
    if not estimators:
        return None
    people = sorted(set(done_cards(work / "cache")) & set(who.people))
    (site.root / "assets").mkdir(parents=True, exist_ok=True)
    for name in people:
        with reading(work / "cache" / f"{name}.h5") as cache:
            write_flow_film(cache, estimators, site.root / "assets" / f"flow_{name}.mp4")
    return facial_flow(people, work, estimators)
