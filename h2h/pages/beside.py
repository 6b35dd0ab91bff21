"""Measured and published numbers of a table, method by method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from h2h.evaluation.score_table import MEAN
from h2h.pages.columns import Column

# experiment -> the published row that it repeats; one that is not here has no counterpart
COUNTERPARTS = {
    "ours": "ours",
    "vid2vid": "vid2vid",
    "vid2vid_slow": "vid2vid",
    "vid2vid_fast": "vid2vid",
    "x2face": "X2Face",
    "x2face_slow": "X2Face",
    "x2face_fast": "X2Face",
    "scratch": "without initialisation",
    "many": "ours",
    "many_no_mouth": "without D_M",
    "many_no_dynamics": "without D_V",
    "many_neither": "without D_M and D_V",
    "no_mouth": "without D_M",
    "flow_original": "FlowNet2",
    "flow_facial": "facial flow",
}


def beside(
    measured: pd.DataFrame, paper: pd.DataFrame, columns: list[Column], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For every metric that the paper prints, and every method of either side, both means over people.

    Args:
        measured: of `score_table.rows`; its rows of means count, or else the mean over its people.
        paper: of `score_table.published`.
        columns: metrics.
        labels: experiment -> what it is called.

    Returns:
        Per metric: `column`; `rows` with `label`, `here` and `here_people`, `there` and `there_people` (None where a
        side has no number), and `there_range`.
    """
    found = []
    for column in (c for c in columns if c.key in paper):
        published = paper.dropna(subset=[column.key]).groupby("experiment", sort=False)[column.key]
        there = {
            str(name): (float(group.mean()), len(group), float(group.min()), float(group.max()))
            for name, group in published
        }
        rows, told = [], set()
        for name in dict.fromkeys(measured["experiment"]):
            here = _mean(measured[measured["experiment"] == name], column.key)
            counterpart = COUNTERPARTS.get(str(name))
            rows.append(_row(labels.get(name, name), str(name), here, there.get(str(counterpart))))
            told.add(counterpart)
        rows += [_row(name, None, None, numbers) for name, numbers in there.items() if name not in told]
        found.append({"column": column, "rows": rows})
    return found


def _row(
    label: str, experiment: str | None, here: tuple[float, int] | None, there: tuple[float, int, float, float] | None
) -> dict[str, Any]:
    return {
        "label": label,
        "experiment": experiment,
        "here": None if here is None else here[0],
        "here_people": None if here is None else here[1],
        "there": None if there is None else there[0],
        "there_people": None if there is None else there[1],
        "there_range": None if there is None else there[2:],
    }


def _mean(rows: pd.DataFrame, key: str) -> tuple[float, int] | None:
    """Over the people that the table's own means are over, and how many these are."""
    people = rows[rows["person"] != MEAN]
    if not len(people) or key not in people:
        return None
    means = rows[rows["person"] == MEAN]
    return float(means[key].iloc[0] if len(means) else people[key].mean()), len(people)
