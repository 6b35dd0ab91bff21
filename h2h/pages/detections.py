"""What the automated study's tables show on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from h2h.evaluation import detection_table
from h2h.evaluation.automated_study import REAL


def detections(
    measured: pd.DataFrame, crossing: pd.DataFrame, labels: Mapping[str, str], results: Mapping[str, Any]
) -> dict[str, Any]:
    """The study for the template.

    Args:
        measured: of `detection_table.rows`.
        crossing: of `detection_table.crossed`, the known method in a column `known`; may be empty.
        labels: experiment -> what it is called.
        results: all published numbers.

    Returns:
        `about`: paragraphs; `rows`, of `several` detectors or of one; `lacking`; `published`: text and share; `columns`
        and `crossed`: labels and shares.
    """
    named = {**labels, REAL: "true frames"}
    share = detection_table.share
    rows = [
        {
            **row,
            "label": named.get(row["experiment"], row["experiment"]),
            "method": "" if row["experiment"] == REAL else row["kind"].split()[0],
            "share": share(row["called_synthesised"]),
            "within": f"({share(row['low'])} to {share(row['high'])})",
            "first": place == 0 or _group(row) != _group(measured.iloc[place - 1]),
        }
        for place, row in enumerate(measured.to_dict("records"))
    ]
    columns = [name for name in crossing.columns if name != "known"]
    return {
        "about": [detection_table.EXPLAINED, detection_table.TRAINED],
        "rows": rows,
        "lacking": "" if detection_table.asked(measured) else detection_table.NOT_ASKED,
        "several": measured["detector"].nunique() > 1,
        "published": [(text, f"{100 * value:.3g}%") for text, value in detection_table.published(results)],
        "columns": [named.get(name, name) for name in columns],
        "crossed": [
            (named.get(row["known"], row["known"]), [share(row[name]) for name in columns])
            for row in crossing.to_dict("records")
        ],
    }


def _group(row: Any) -> tuple[Any, Any, Any]:
    return row["detector"], row["person_known"], row["kind"]
