"""The tiny project of tests/workflow for faults, and the table of what was seen."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from faults import table
from faults.small_disk import mounts
from workflow.shared import finished, project

__all__ = ["finished", "mounts", "project"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-table", type=Path, help="write what was seen into this Markdown file")


@pytest.fixture
def seen(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say what was seen, after it was checked, for the table."""

    def tell(text: str) -> None:
        assert text, "the table would have an empty cell"
        record_property("seen", text)

    return tell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    marker = item.get_closest_marker("row")
    if marker is not None:
        report.user_properties = [*report.user_properties, ("row", marker.args)]
    return report


def pytest_terminal_summary(terminalreporter) -> None:
    path = terminalreporter.config.getoption("--fault-table", default=None)
    if path is None:
        return
    reports = [
        report for key in ("passed", "failed", "error", "skipped") for report in terminalreporter.stats.get(key, [])
    ]
    rows = table.rows(reports)
    table.write(path, rows)
    terminalreporter.section("faults")
    for kind, fault, expected, found in rows:
        terminalreporter.write_line(f"{kind}: {fault}\n    expected  {expected}\n    seen      {found}")
