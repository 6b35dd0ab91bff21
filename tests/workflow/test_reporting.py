"""The same numbers everywhere: tables, pages, `dvc metrics` and `dvc plots`."""

from __future__ import annotations

import json

import pandas as pd
from workflow.project import Project


def test_dvc_shows_the_tables_numbers(finished: Project):
    table = pd.read_csv(finished.path / "reports/tables/table1.csv")
    people = table[table["person"] != "mean"]
    shown = json.loads(finished.dvc("metrics", "show", "--json").stdout)[""]["data"]["reports/metrics.json"]["data"]
    plotted = json.loads(finished.dvc("plots", "show", "--json").stdout)["data"]["reports/tables/table1.csv"]
    rows = {(row["person"], row["experiment"]): row for row in plotted[0]["content"]["data"]["values"]}
    page = (finished.path / "reports/results/table1.html").read_text()
    assert len(people) == 2
    for row in people.to_dict("records"):
        for metric in ("average_pixel_distance", "fid", "mask_iou"):
            assert shown["table1"][row["person"]][row["experiment"]][metric] == row[metric]
            assert float(rows[row["person"], row["experiment"]][metric]) == row[metric]
        assert f">{row['average_pixel_distance']:.2f}" in page and f">{row['mask_iou']:.3f}" in page


def test_every_link_between_the_workflows_own_pages_leads_somewhere(finished: Project):
    import re

    reports = finished.path / "reports"
    pages = [*reports.glob("*.html"), *reports.glob("*/*.html")]
    assert len(pages) == 4 + 3 + 1 + 2 + 2
    for page in pages:
        for url in re.findall(r'(?:href|src)="([^"#:]+)[#"]', page.read_text()):
            assert (page.parent / url).is_file(), f"{page}: {url}"
