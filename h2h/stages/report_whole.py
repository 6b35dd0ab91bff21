"""All pages of a report in one process: the quickstart's, and those of `all_full`, whose folder is its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from h2h import layout
from h2h.config import Params
from h2h.io.atomic import replacing
from h2h.stages import experiment_page, person_page, table_page, tables_pdf
from h2h.stages.page_data import Site
from h2h.stages.report_scope import experiments_of


def write_pages(
    site: Site, work: Path, params: Params, who: layout.Cast, goal: layout.Wanted, tables: list[str], cards: bool
) -> None:
    """Write every page but the first one and its neighbours.

    Args:
        site: where.
        work: folder of all artifacts.
        params: in force.
        who: the people.
        goal: what has been made.
        tables: their names.
        cards: take the cards of these pages away, so that `all` writes them again from everything.
    """
    made, scored = list(goal.synthesized), list(goal.evaluated)
    for name in who.people:
        _page(site.person(name), cards, lambda to, n=name: person_page.write(n, to, site, work, made, scored, params))
    experiments = experiments_of(params, made)
    for name in experiments:
        _page(
            site.experiment(name),
            cards,
            lambda to, n=name: experiment_page.write(n, to, site, work, made, scored, params),
        )
    for name in tables:
        jobs = [f"{job}.{job.split('.')[1]}" for job in layout.jobs(params, who, name)]
        _page(
            site.table(name),
            cards,
            lambda to, n=name, j=jobs: table_page.write(n, to, site, work, j, experiments, params),
        )
    _page(site.root / tables_pdf.NAME, cards, lambda to: tables_pdf.write(to, site, tables, params))


def _page(path: Path, cards: bool, write: Callable[[Path], Any]) -> None:
    if cards:
        path.with_suffix(".json").unlink(missing_ok=True)
    with replacing(path) as temporary:
        write(temporary)
