"""Measured and published numbers of a table, method by method."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from h2h.evaluation.registry import METRICS, networks_of
from h2h.evaluation.score_table import MEAN, shared_people
from h2h.pages.columns import Column

# published table -> experiment -> the published row that it repeats; one that is not here repeats none
COUNTERPARTS = {
    "table1": {
        "ours": "ours",
        "vid2vid": "vid2vid",
        "vid2vid_slow": "vid2vid",
        "vid2vid_fast": "vid2vid",
        "x2face": "X2Face",
        "x2face_slow": "X2Face",
        "x2face_fast": "X2Face",
    },
    # the paper fine-tunes on 500 and 250 frames here, not on 50 (FS section 4, ablation study)
    "table2": {"frames_500": "ours", "scratch_500": "without initialisation"},
    "table3": {
        "many": "ours",
        "many_no_mouth": "without D_M",
        "many_no_dynamics": "without D_V",
        "many_neither": "without D_M and D_V",
        "many_early": "ours",
        "many_early_no_mouth": "without D_M",
        "many_early_no_dynamics": "without D_V",
        "many_early_neither": "without D_M and D_V",
    },
    "table1a": {"flow_original": "FlowNet2", "flow_facial": "facial flow"},
    "table1b": {"ours": "ours", "no_mouth": "without D_M"},
}


def beside(
    measured: pd.DataFrame,
    paper: pd.DataFrame,
    columns: list[Column],
    labels: Mapping[str, str],
    published: str | None,
    asked: Collection[str],
) -> list[dict[str, Any]]:
    """For every metric that the paper prints, and every method of either side, both means over people.

    Args:
        measured: of `score_table.rows`; its rows of means count, or else the mean over the people whom all rows share.
        paper: of `score_table.published`.
        columns: metrics.
        labels: experiment -> what it is called.
        published: the published table, a key of `score_table.PUBLISHED`.
        asked: the experiments that the table asks for, measured or not.

    Returns:
        Per metric: `column`; `rows` with `label`, `here` and `here_people`, `there` and `there_people` (None where a
        side has no number), `there_range`, and `unasked` (a published method that no experiment of the table repeats).
    """
    counterparts = COUNTERPARTS.get(published or "", {})
    shared = shared_people(measured)
    repeated = {counterparts.get(name) for name in asked}
    found = []
    for column in (c for c in columns if c.key in paper):
        printed = paper.dropna(subset=[column.key]).groupby("experiment", sort=False)[column.key]
        there = {
            str(name): (float(group.mean()), len(group), float(group.min()), float(group.max()))
            for name, group in printed
        }
        rows, told = [], set()
        for name in dict.fromkeys(measured["experiment"]):
            here = _mean(measured[measured["experiment"] == name], column.key, shared)
            counterpart = counterparts.get(str(name))
            rows.append(_row(labels.get(name, name), str(name), here, there.get(str(counterpart))))
            told.add(counterpart)
        for name, numbers in there.items():
            if name not in told:
                rows.append(_row(name, None, None, numbers) | {"unasked": name not in repeated})
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
        "unasked": False,
    }


def _mean(rows: pd.DataFrame, key: str, shared: Collection[str]) -> tuple[float, int] | None:
    """Over the `shared` people, whom the table's own means are over, and how many these are; without any, over all."""
    people = rows[rows["person"].isin(shared) if shared else rows["person"] != MEAN]
    if not len(people) or key not in people:
        return None
    means = rows[rows["person"] == MEAN]
    if not len(means) and METRICS[key].features and len(networks_of(people["features"])) > 1:
        return None  # numbers of several networks
    value = float(means[key].iloc[0] if len(means) else people[key].mean(skipna=False))
    return None if math.isnan(value) else (value, len(people))
