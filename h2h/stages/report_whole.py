"""All pages of a report in one process: the quickstart's, and those of `all_full`, whose folder is its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from h2h import layout
from h2h.io.atomic import replacing
from h2h.stages import experiment_page, person_page, table_page, tables_pdf
from h2h.stages.report_run import Run


def write_pages(run: Run, cards: bool) -> None:
    """Write every page but the first one and its neighbours.

    Args:
        run: what has been made.
        cards: take the cards of these pages away, so that `all` writes them again from everything.
    """
    site, work, params = run.site, run.work, run.params
    made, scored = list(run.goal.synthesized), list(run.goal.evaluated)
    for name in run.shown:
        _page(site.person(name), cards, lambda to, n=name: person_page.write(n, to, site, work, made, scored, params))
    for name in run.experiments:
        _page(
            site.experiment(name),
            cards,
            lambda to, n=name: experiment_page.write(n, to, site, work, made, scored, params),
        )
    for name in run.tables:
        jobs = [f"{job}.{job.split('.')[1]}" for job in layout.jobs(params, run.who, name)]
        _page(
            site.table(name),
            cards,
            lambda to, n=name, j=jobs: table_page.write(n, to, site, work, j, run.experiments, params),
        )
    _page(site.root / tables_pdf.NAME, cards, lambda to: tables_pdf.write(to, site, list(run.tables), params))


def _page(path: Path, cards: bool, write: Callable[[Path], Any]) -> None:
    if cards:
        path.with_suffix(".json").unlink(missing_ok=True)
    with replacing(path) as temporary:
        write(temporary)
