"""What a table of scores shows, row by row: measured numbers, and what has none yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from h2h.evaluation.score_table import MEAN
from h2h.pages.columns import Cell, Column, best_of, cell, columns, groups


@dataclass(frozen=True)
class ScoreTable:
    """A table of scores.

    Attributes:
        rows: all of them.
        groups: the metrics, in parts that fit a page.
    """

    rows: list[ScoreRow]
    groups: list[list[Column]]


@dataclass(frozen=True)
class ScoreRow:
    """A row.

    Attributes:
        experiment, label: its key, and what it is called.
        person: or "mean".
        mean: it is over people.
        first: the first row of a person.
        missing: there is no score.
        why: no score: because of what, if that is known.
        frames, features, cost: as printed.
        cells: metric -> number.
    """

    experiment: str
    label: str
    person: str
    mean: bool = False
    first: bool = False
    missing: bool = False
    why: str = ""
    frames: str = ""
    features: str = ""
    cost: str = ""
    cells: dict[str, Cell] = field(default_factory=dict)


def score_table_of(
    measured: pd.DataFrame,
    labels: Mapping[str, str],
    costs: Mapping[tuple[str, str], str] | None = None,
    expected: Iterable[tuple[str, str]] = (),
    why: Mapping[str, str] | None = None,
    order: Sequence[str] | None = None,
) -> ScoreTable:
    """A table of scores with all metrics that it has, in the registry's `order` or another one.

    The other arguments are those of `score_rows`.
    """
    found = columns(measured.columns, order)
    rows = score_rows(measured.to_dict("records"), found, labels, costs or {}, expected, why)
    return ScoreTable(rows, groups(found, [row.cells for row in rows]))


def score_rows(
    measured: Sequence[Mapping[str, Any]],
    shown: Sequence[Column],
    labels: Mapping[str, str],
    costs: Mapping[tuple[str, str], str],
    expected: Iterable[tuple[str, str]] = (),
    why: Mapping[str, str] | None = None,
) -> list[ScoreRow]:
    """All rows, person by person, the means last.

    Args:
        measured: the records of a table, in order.
        shown: metrics to print.
        labels: experiment -> what it is called.
        costs: (person, experiment) -> minutes of training.
        expected: (person, experiment) that the table asks for, in order; those without a record are shown as missing.
        why: person -> the reason why nothing was made.
    """
    records = {(str(r["person"]), str(r["experiment"])): r for r in measured}
    wanted = dict.fromkeys([*expected, *records])
    people = sorted({person for person, _ in wanted}, key=lambda person: (person == MEAN, person))
    rows = []
    for person in people:
        mine = [key for key in wanted if key[0] == person]
        own = [records[key] for key in mine if key in records]
        best = {column.key: best_of(own, column) for column in shown}
        for place, key in enumerate(mine):
            name = key[1]
            common = {"experiment": name, "label": labels.get(name, name), "person": person}
            common |= {"mean": person == MEAN, "first": place == 0}
            if key not in records:
                rows.append(ScoreRow(**common, missing=True, why=(why or {}).get(person, "")))
                continue
            record = records[key]
            cells = {column.key: cell(record, column, best[column.key]) for column in shown}
            frames, features = f"{int(record['frames'])}", str(record["features"])
            rows.append(ScoreRow(**common, frames=frames, features=features, cost=costs.get(key, ""), cells=cells))
    return rows
