"""A table of scores as Markdown: the papers' metrics first, the further ones in a second block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from h2h.evaluation.published_settings import FEW_SHOT, Setting
from h2h.evaluation.registry import METRICS, Block, heading, networks_of
from h2h.evaluation.repeats import in_words
from h2h.evaluation.score_table import cell, differences

BLOCKS: dict[Block, str] = {"papers": "Measured here", "further": "Further metrics, measured here"}
WIDTH = 6  # metrics side by side; more follow in a table of their own


def markdown(
    title: str,
    measured: pd.DataFrame,
    labels: Mapping[str, str],
    paper: pd.DataFrame,
    difference: str,
    setting: Setting = FEW_SHOT,
) -> str:
    """Both tables as Markdown, with the sentence on what differs.

    Args:
        title: of the table.
        measured: from `score_table.rows`.
        labels: experiment -> what it is called.
        paper: from `score_table.published`.
        difference: in plain words.
        setting: of the published table.
    """
    lines = [f"# {title}", "", difference, "", _directions(), ""]
    for block, name in BLOCKS.items():
        metrics = [key for key, metric in METRICS.items() if metric.block == block and key in measured]
        if metrics or block == "papers":
            lines += [f"## {name}", "", *_tables(measured, labels, metrics)]
        if block == "papers" and (found := differences(measured)):
            lines += ["Average pixel distance, 95% intervals over people:", ""]
            lines += [*(f"- {in_words(one, labels)}" for one in found), ""]
    if len(paper):
        metrics = [key for key in METRICS if key in paper]
        network = f", {setting.features}" if setting.features else ""
        lines += [f"## Published ({setting.where}: {setting.people}, 256 x 256{network})", ""]
        lines.append("| person | method | " + " | ".join(METRICS[key].label for key in metrics) + " |")
        lines.append("|---|---|" + "--:|" * len(metrics))
        for row in paper.to_dict("records"):
            cells = [f"{row[key]:.2f}" for key in metrics]
            lines.append(f"| {row['person']} | {row['experiment']} | " + " | ".join(cells) + " |")
    return "\n".join(lines).rstrip() + "\n"


def _tables(measured: pd.DataFrame, labels: Mapping[str, str], metrics: Sequence[str]) -> list[str]:
    features = networks_of(measured["features"])
    lines = []
    for first in range(0, max(len(metrics), 1), WIDTH):
        part = metrics[first : first + WIDTH]
        lines.append("| person | experiment | frames | " + " | ".join(heading(key, features) for key in part) + " |")
        lines.append("|---|---|" + "--:|" * (len(part) + 1))
        for row in measured.to_dict("records"):
            cells = " | ".join(cell(row, key) for key in part)
            lines.append(f"| {row['person']} | {labels[row['experiment']]} | {row['frames']} | {cells} |")
        lines.append("")
    return lines


def _directions() -> str:
    higher = ", ".join(metric.label for metric in METRICS.values() if metric.higher and metric.block != "transfer")
    return (
        f"Lower is better, but for {higher}. In brackets: 95% intervals, over blocks of ten consecutive frames. "
        "docs/metrics.md says what each metric is and what it does not tell."
    )
