"""The columns of a table of scores: whatever metrics the registry knows and the table has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from h2h.evaluation import registry, score_table

ACROSS = 104  # characters that a table has room for beside method, person and frames


@dataclass(frozen=True)
class Column:
    """A metric.

    Attributes:
        key: in the table.
        label: for people.
        unit: its unit or range; may be empty.
        higher: is better.
        about: a sentence that explains it.
        block: of the registry; metrics of two blocks stand in two tables.
    """

    key: str
    label: str
    unit: str
    higher: bool
    about: str = ""
    block: str = ""


@dataclass(frozen=True)
class Cell:
    """A number as it is printed.

    Attributes:
        text: the number.
        within: its interval or deviation; may be empty.
        best: it is the best of its person.
    """

    text: str
    within: str = ""
    best: bool = False


def columns(keys: Collection[str], order: Iterable[str] | None = None) -> list[Column]:
    """The metrics among the columns of a table, in the registry's order, or in another one and then as one block."""
    chosen = [key for key in order or registry.METRICS if key in keys]
    found = [(key, registry.METRICS[key]) for key in chosen]
    return [Column(key, one.label, one.unit, one.higher, one.about, "" if order else one.block) for key, one in found]


def groups(found: list[Column], rows: Sequence[Mapping[str, Cell]]) -> list[list[Column]]:
    """The columns in parts that fit a page without breaking a number's line.

    Args:
        found: all columns.
        rows: the cells of each row, by metric.
    """
    parts: list[list[Column]] = [[]]
    left = ACROSS
    for column in found:
        cells = [row[column.key] for row in rows if column.key in row]
        numbers = max((len(cell.text) + 0.9 * len(cell.within) for cell in cells), default=0)
        wide = 3 + max(numbers, *(len(word) for word in column.label.split()), len(column.unit))
        if parts[-1] and (wide > left or parts[-1][-1].block != column.block):
            parts.append([])
            left = ACROSS
        parts[-1].append(column)
        left -= wide
    return parts


def cell(row: Mapping[str, Any], column: Column, best: float | None) -> Cell:
    """A number of a row; a missing one is a dash."""
    value = row[column.key]
    if value != value:
        return Cell("–")
    text = score_table.cell(row, column.key)
    number, _, within = text.partition(" ")
    return Cell(number, within, best is not None and value == best)


def best_of(rows: list[Mapping[str, Any]], column: Column) -> float | None:
    """The best value among the rows of one person; None unless they differ, and are of the same feature network."""
    there = [row for row in rows if row[column.key] == row[column.key]]
    values = [row[column.key] for row in there]
    networks = {row.get("features") for row in there} if registry.METRICS[column.key].features else set()
    if len(set(values)) < 2 or len(networks) > 1:
        return None
    return max(values) if column.higher else min(values)
