"""Cycle reenactment X -> Y -> X as a table: one row a person, partner and experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from h2h.evaluation.registry import heading, number

METRICS = ("average_pixel_distance", "masked_average_pixel_distance")
ABOUT = (
    "The person's held-out frames drive the partner's network; the video of the partner is tracked like any source "
    "and drives the person's own network, which was fine-tuned on other frames. Compared with the person's true "
    "frames, on black; the way back puts the head's mean place and size back to where they began. The "
    "self-reenactment's figure is what the person's network reaches without the way there and back."
)
Cycles = Mapping[tuple[str, str, str], Mapping[str, Any]]  # (person, partner, experiment) -> its summary


def rows(cycles: Cycles, selves: Mapping[tuple[str, str], Mapping[str, Any]]) -> pd.DataFrame:
    """One row a cycle, then one for every experiment's self-reenactment of the same people, without a partner.

    Args:
        cycles: summaries of the stage round_trip.
        selves: (person, experiment) -> its scores.

    Returns:
        Columns: person, partner, experiment, frames, the metrics, and KEY_low and KEY_high.
    """
    people = {person for person, _, _ in cycles}
    found = [(key, scores) for key, scores in sorted(cycles.items())]
    found += [((person, "", name), scores) for (person, name), scores in selves.items() if person in people]
    records = []
    for (person, partner, experiment), scores in sorted(found, key=lambda one: (one[0][0], not one[0][1])):
        record = {"person": person, "partner": partner, "experiment": experiment, "frames": scores["frames"]}
        for key in METRICS:
            low, high = scores.get(f"{key}_interval", (float("nan"), float("nan")))
            numbers = {key: scores.get(key, float("nan")), f"{key}_low": low, f"{key}_high": high}
            record |= {name: round(float(value), 4) for name, value in numbers.items()}
        records.append(record)
    return pd.DataFrame(records)


def scores(measured: pd.DataFrame) -> dict[str, Any]:
    """Nested for DVC: person -> "EXPERIMENT, by way of PARTNER" or the experiment -> metric."""
    nested: dict[str, Any] = {}
    for row in measured.to_dict("records"):
        by = f", by way of {row['partner']}" if row["partner"] else ""
        nested.setdefault(row["person"], {})[f"{row['experiment']}{by}"] = {key: row[key] for key in METRICS}
    return nested


def published(results: Mapping[str, Any]) -> float:
    """Head2Head's average pixel distance over 1000 frames."""
    return float(results["h2h"]["cycle_reenactment_average_pixel_distance"])


def way(row: Mapping[str, Any]) -> str:
    """What a row was made by."""
    partner = row["partner"]
    return f"{row['person']} → {partner} → {row['person']}" if partner else "self-reenactment"


def cells(row: Mapping[str, Any]) -> list[str]:
    """The metrics of a row as they are printed."""
    found = []
    for key in METRICS:
        text, low, high = (number(key, row[name]) for name in (key, f"{key}_low", f"{key}_high"))
        found.append(text if low == "–" else f"{text} ({low} to {high})")
    return found


def markdown(measured: pd.DataFrame, labels: Mapping[str, str], paper: float) -> str:
    """The table as Markdown; `labels`: experiment -> what it is called, `paper`: of `published`."""
    lines = ["## There and back", "", ABOUT, ""]
    lines += ["| person | way | experiment | frames | " + " | ".join(heading(key) for key in METRICS) + " |"]
    lines += ["|---|---|---|--:|" + "--:|" * len(METRICS)]
    for row in measured.to_dict("records"):
        start = [row["person"], way(row), labels.get(row["experiment"], row["experiment"]), str(row["frames"])]
        lines.append("| " + " | ".join([*start, *cells(row)]) + " |")
    return "\n".join([*lines, "", f"Published (other people, 256 x 256, 1000 frames): {paper:g}."]) + "\n"
