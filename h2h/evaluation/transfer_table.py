"""A table of heads that other people drive: one row a target, driver and experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from h2h.evaluation.registry import OF_TRANSFERS, heading, number

Transfers = Mapping[tuple[str, str, str], Mapping[str, Any]]  # (target, driver, experiment) -> its summary


def rows(transfers: Transfers, experiments: Sequence[str]) -> pd.DataFrame:
    """One row a target, driver and experiment, the experiments in the table's order.

    Columns: target, source, experiment, frames, features, the metrics of `OF_TRANSFERS`, and KEY_low and KEY_high.
    """
    keys = sorted(transfers, key=lambda key: (*key[:2], experiments.index(key[2])))
    records = []
    for key in keys:
        scores = transfers[key]
        record = dict(zip(("target", "source", "experiment"), key, strict=True))
        record |= {"frames": scores["frames"], "features": scores["features"]}
        for metric in OF_TRANSFERS:
            low, high = scores.get(f"{metric}_interval", (np.nan, np.nan))
            values = {metric: scores.get(metric, np.nan), f"{metric}_low": low, f"{metric}_high": high}
            record |= {name: round(value, 4) for name, value in values.items()}
        records.append(record)
    return pd.DataFrame(records)


def scores(measured: pd.DataFrame) -> dict[str, Any]:
    """Nested for DVC: "SOURCE drives TARGET" -> experiment -> metric."""
    nested: dict[str, Any] = {}
    for row in measured.to_dict("records"):
        values = {key: row[key] for key in OF_TRANSFERS if np.isfinite(row[key])}
        nested.setdefault(f"{row['source']} drives {row['target']}", {})[row["experiment"]] = values
    return nested


def markdown(measured: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The table as Markdown.

    Args:
        measured: from `rows`.
        labels: experiment -> what it is called.
    """
    features = sorted(set(measured["features"]))
    lines = [
        "## Driven by other people",
        "",
        "Refitted results: the face shape should be the target's own (a share of 0) and not the source's (1), the "
        "motion the source's. "
        "Higher is better for the distance to the source and the similarity to the person.",
        "",
        "| target | driven by | experiment | " + " | ".join(heading(key, features) for key in OF_TRANSFERS) + " |",
        "|---|---|---|" + "--:|" * len(OF_TRANSFERS),
    ]
    for row in measured.to_dict("records"):
        cells = " | ".join(_cell(row, key) for key in OF_TRANSFERS)
        lines.append(f"| {row['target']} | {row['source']} | {labels[row['experiment']]} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(row: Mapping[str, Any], metric: str) -> str:
    text, low, high = (number(metric, row[key]) for key in (metric, f"{metric}_low", f"{metric}_high"))
    return text if low == "–" else f"{text} ({low} to {high})"
