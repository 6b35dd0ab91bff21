"""Stage table_page: one table, measured beside published, with what differs and what each row cost."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from h2h.config import Params, Sections, load_params
from h2h.config.experiments import Table, alternatives
from h2h.stages.costs import training_cost
from h2h.stages.cycle_section import there_and_back
from h2h.stages.page_data import (
    Site,
    base_of,
    done_card,
    labels_of,
    link,
    published_results,
    read_table,
    rejections,
    trainings,
)

MEASURE = "average_pixel_distance"


def run(
    name: str, output: Path, cfg: Sections, *, work: Path, reports: Path, made: list[Path] | None = None
) -> dict[str, Any]:
    """Write a table's page from the numbers of the stage tables.

    --made are the synthesised frames behind its scores (EXPERIMENT.TARGET.SOURCE).
    """
    params, keys = load_params(), [path.stem for path in made or []]
    linked = {base_of(params, key.split(".")[0]) for key in keys}
    return write(name, output, Site.of(reports), work, keys, linked, params)


def write(
    name: str, output: Path, site: Site, work: Path, made: list[str], linked: Collection[str], params: Params
) -> dict[str, Any]:
    """Write the page to `output`, with links to the pages of the experiments `linked`."""
    from h2h.evaluation import score_table
    from h2h.evaluation.published_settings import setting_of
    from h2h.evaluation.registry import NETWORKS, networks_of
    from h2h.evaluation.repeats import chosen
    from h2h.pages.beside import beside
    from h2h.pages.charts import score_chart
    from h2h.pages.columns import columns
    from h2h.pages.heading import heading
    from h2h.pages.score_rows import score_table_of
    from h2h.pages.templating import render
    from h2h.stages.departures import departures
    from h2h.stages.differences import side_by_side

    table, labels, page = params.tables[name], labels_of(params), site.table(name)
    setting = setting_of(table.published)
    measured = read_table(site.tables / f"{name}.csv")
    paper = score_table.published(published_results(), table.published)
    found = columns([*measured.columns, *paper.columns])
    out = rejections(work)
    expected, costs = _expected(made, work, params, table, set(measured["experiment"]))
    shown = score_table_of(measured, labels, costs, expected, {n: f"{n} was left out" for n in out})
    people = [str(person) for person in dict.fromkeys(measured["person"]) if person != score_table.MEAN]
    features = networks_of(measured["features"])
    differences = score_table.differences(measured)
    text = render(
        "table.html",
        root=site.up(page),
        section="tables",
        title=heading(name),
        profile=params.profile.name,
        name=name,
        heading=heading(name),
        about=table,
        linked=linked,
        table=shown,
        chosen=chosen(table.rows),
        driven=driven_by_others(name, site, labels),
        there_and_back=there_and_back(name, site, labels),
        study=automated_study(name, site, labels),
        chart=_chart(measured, labels, table.title, score_chart) if len(measured) else "",
        beside=beside(measured, paper, found, labels, table.published, table.experiments),
        published=_published(paper, found),
        source=setting.where if table.published else "",
        differences=[_in_words(one, labels) for one in differences],
        aspects=side_by_side(params, name, people, features, _networks(made, work)),
        compared=setting.where,
        features=", ".join(NETWORKS.get(key, key) for key in features),
        departures=departures(params, name),
        csv=link(site.tables / f"{name}.csv", page),
        markdown=link(site.tables / f"{name}.md", page),
    )
    output.write_text(text, encoding="utf-8")
    missing = sum(row.missing for row in shown.rows)
    return {"title": table.title, "rows": len(shown.rows) - missing, "missing": missing, "people": people}


def driven_by_others(name: str, site: Site, labels: dict[str, str]) -> Any:
    """The scores of heads that other people drive, where the table has any; else None."""
    from h2h.evaluation.registry import OF_TRANSFERS
    from h2h.pages.score_rows import score_table_of

    path = site.tables / f"{name}_transfers.csv"
    if not path.exists():
        return None
    measured = read_table(path)
    measured["person"] = measured["target"] + ", driven by " + measured["source"]
    return score_table_of(measured, labels, order=OF_TRANSFERS)


def automated_study(name: str, site: Site, labels: dict[str, str]) -> dict[str, Any] | None:
    """What a forgery detector says of the table's frames, where it was asked; else None."""
    import pandas as pd

    from h2h.pages.detections import detections

    path = site.tables / f"{name}_detector.csv"
    if not path.exists():
        return None
    crossed = site.tables / f"{name}_detector_crossed.csv"
    try:
        crossing = read_table(crossed, ["known"])
    except pd.errors.EmptyDataError:  # nothing to train on
        crossing = pd.DataFrame()
    return detections(read_table(path), crossing, labels, published_results())


def _expected(
    made: list[str], work: Path, params: Params, table: Table, measured: Collection[str]
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], str]]:
    """(person, experiment) that the table asks for, and the minutes of training behind each (of the first seed).

    Of a row's alternatives only the one that is measured is asked for: the others were made, and lost.
    """
    shown: set[str] = set()
    for names in map(alternatives, table.rows):
        shown.update([name for name in names if name in measured] or names[:1])
    expected, costs = [], {}
    for key in made:
        experiment, person = base_of(params, key.split(".")[0]), key.split(".")[1]
        if experiment in shown:
            expected.append((person, experiment))
        costs.setdefault((person, experiment), training_cost(trainings(key, work)))
    return list(dict.fromkeys(expected)), costs


def _networks(made: list[str], work: Path) -> list[dict[str, Any]]:
    """The summaries of the multi-person networks behind synthesised frames."""
    used = dict.fromkeys(training for key in made for training in trainings(key, work))
    cards = [done_card(work, *training.split("/")) for training in used if training.startswith("pretrain/")]
    return [card["summary"] for card in cards if card]


def _chart(measured: Any, labels: dict[str, str], title: str, draw: Any) -> str:
    people = measured[measured["person"] != "mean"].to_dict("records")
    points = [
        (r["person"], labels.get(r["experiment"], r["experiment"]), r[MEASURE], r["low"], r["high"]) for r in people
    ]
    return draw(points, "average pixel distance, with its 95 % interval over blocks of frames", title)


def _published(paper: Any, found: list[Any]) -> dict[str, Any]:
    """The published numbers person by person."""
    shown = [column for column in found if column.key in paper]
    rows = [
        {"person": r["person"], "method": r["experiment"], "cells": [r[c.key] for c in shown]}
        for r in paper.to_dict("records")
    ]
    return {"columns": shown, "rows": rows}


def _in_words(difference: dict[str, Any], labels: dict[str, str]) -> str:
    from h2h.evaluation.repeats import in_words

    return in_words(difference, labels)
