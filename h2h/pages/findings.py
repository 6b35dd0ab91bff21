"""The main findings of a table in a sentence or two, from its numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from h2h.evaluation.repeats import in_words
from h2h.evaluation.score_table import MEAN, differences

SCORE = "average_pixel_distance"


def finding(measured: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """What a table says about its first row against the others; "" if it has nothing to compare.

    With several people it is the difference over people, with its interval. With one, whose frames all rows share,
    two rows are told apart only if their intervals do not touch.

    Args:
        measured: of `score_table.rows`.
        labels: experiment -> what it is called.
    """
    found = differences(measured)
    if found:
        first = measured[(measured["person"] == MEAN) & (measured["experiment"] == found[0]["one"])].iloc[0]
        label, people = labels[found[0]["one"]], found[0]["people"]
        start = f"{label}: average pixel distance {first[SCORE]:.2f} over {people} people. "
        return start + "; ".join(in_words(one, labels) for one in found) + "."
    parts = []
    for person in dict.fromkeys(measured["person"]):
        rows = measured[measured["person"] == person].to_dict("records")
        if person != MEAN and len(rows) > 1:
            parts.append(_of_person(str(person), rows, labels))
    return " ".join(parts)


def _of_person(person: str, rows: Sequence[Mapping], labels: Mapping[str, str]) -> str:
    first, *others = rows
    groups: dict[str, list[str]] = {"better": [], "worse": [], "alike": []}
    for row in others:
        apart = row["high"] < first["low"] or row["low"] > first["high"]
        kind = "alike" if not apart else "better" if row[SCORE] < first[SCORE] else "worse"
        groups[kind].append(f"{labels[row['experiment']]} {_number(row)}")
    said = [f"{labels[first['experiment']]} {_number(first)}"]
    words = {"better": "clearly better: {}", "worse": "clearly worse: {}", "alike": "not told apart from it: {}"}
    said += [words[kind].format(", ".join(names)) for kind, names in groups.items() if names]
    return f"{person}, average pixel distance: " + "; ".join(said) + "."


def _number(row: Mapping) -> str:
    interval = f" ({row['low']:.1f} to {row['high']:.1f})" if row["low"] <= row["high"] else ""
    return f"{row[SCORE]:.1f}{interval}"
