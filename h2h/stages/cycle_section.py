"""A table's cycle reenactments for pages."""

from __future__ import annotations

from typing import Any

from h2h.stages.page_data import Site, published_results, read_table


def there_and_back(name: str, site: Site, labels: dict[str, str]) -> dict[str, Any] | None:
    """The table's cycle reenactments, where it has any; else None."""
    from h2h.evaluation import cycle_table
    from h2h.evaluation.registry import heading

    path = site.tables / f"{name}_cycles.csv"
    if not path.exists():
        return None
    rows = read_table(path).to_dict("records")
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
