"""The table of docs/faults.md: fault, expected, seen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

MARK = "<!-- written by `make faults` -->"
HEAD = "| kind | fault | expected | seen |\n|---|---|---|---|\n"


def rows(reports: Iterable[Any]) -> list[tuple[str, ...]]:
    """A row for each test: kind, fault, expected, and what the test saw, or that it failed or was skipped."""
    found = []
    for report in reports:
        told = dict(report.user_properties)
        if "row" not in told or (report.when != "call" and report.outcome == "passed"):
            continue
        seen = "; ".join(str(text) for key, text in report.user_properties if key == "seen")
        if report.outcome == "skipped":
            seen = f"not done here: {report.longrepr[2].removeprefix('Skipped: ')}"
        elif report.outcome == "failed":
            seen = f"**failed** {seen}"
        found.append((*told["row"], seen))
    return sorted(found)


def write(path: Path, found: Iterable[tuple[str, ...]]) -> None:
    """Put rows into the table behind `MARK`; rows of tests that did not run stay."""
    before, _, after = path.read_text(encoding="utf-8").partition(MARK)
    table = {}
    for line in after.splitlines():
        cells = tuple(cell.strip().replace(r"\|", "|") for cell in line.replace(r"\|", "\0").strip("|").split("|"))
        cells = tuple(cell.replace("\0", "|") for cell in cells)
        if len(cells) == 4 and cells[0] not in ("kind", "---"):
            table[cells[:2]] = cells
    table |= {row[:2]: row for row in found}
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in table[key]) + " |\n" for key in sorted(table)]
    path.write_text(f"{before}{MARK}\n\n{HEAD}{''.join(lines)}", encoding="utf-8")
