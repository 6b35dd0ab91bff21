"""A table's cycle reenactments for pages."""

from __future__ import annotations

from typing import Any

from h2h.stages.page_data import Site, published_results


def there_and_back(name: str, site: Site, labels: dict[str, str]) -> dict[str, Any] | None:
    """The table's cycle reenactments, where it has any; else None."""
    import pandas as pd

    from h2h.evaluation import cycle_table
    from h2h.evaluation.registry import heading

    path = site.tables / f"{name}_cycles.csv"
    if not path.exists():
        return None
    names = dict.fromkeys(("person", "partner", "experiment"), str)  # a partner may be "", nobody is "nan"
    rows = pd.read_csv(path, converters=names).to_dict("records")
    return {
        "about": cycle_table.ABOUT,
        "columns": [heading(key) for key in cycle_table.METRICS],
        "rows": [
            {**row, "way": cycle_table.way(row), "label": labels.get(row["experiment"], row["experiment"])}
            | {"cells": cycle_table.cells(row)}
            for row in rows
        ],
        "published": cycle_table.published(published_results()),
    }
