"""The user study's tables, where `h2h study tables` has written any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.stages.page_data import published_results, read_table


def study_tables_found(folder: Path) -> list[dict[str, Any]]:
    """What the report shows of a study; empty while nobody has taken part.

    Args:
        folder: of the study.

    Returns:
        For each table its `title`, `head` and `rows` as text, as `h2h study tables` prints them.
    """
    from h2h.study.markdown import TITLES, table_lines

    published, found = published_results()["h2h"], []
    for name, title in TITLES.items():
        file = folder / "tables" / f"{name}.csv"
        if file.exists():
            lines = [_cells(line) for line in table_lines(name, read_table(file, ["video", "baseline"]), published)]
            found.append({"name": name, "title": title, "head": lines[0], "rows": lines[2:], "file": file})
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")]
