"""What a report is about: the quickstart, everything in params.yaml, or also the tables marked full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from h2h import layout
from h2h.config import Params
from h2h.stages.page_data import base_of


def tables_of(params: Params, scope: str) -> list[str]:
    """The tables that a run makes."""
    if scope == "quickstart":
        return [next(iter(params.tables))]
    return layout.tables(params, full=scope == "all_full")


def figures_of(params: Params, scope: str) -> list[str]:
    """The figures that a report lists, made or not: all of them, but the quickstart's report has none."""
    return [] if scope == "quickstart" else layout.figures(params, full=True)


def experiments_of(params: Params, made: Iterable[str]) -> list[str]:
    """The experiments behind synthesised frames, repeats counted with what they repeat, in params.yaml's order."""
    used = {base_of(params, name.split(".")[0]) for name in made}
    return [name for name in params.experiments if name in used]


def cast_of(params: Params, scope: str) -> layout.Cast:
    """The people of a report; of the quickstart's only those who have a part in it."""
    who = layout.cast(params)
    if scope != "quickstart":
        return who
    return replace(who, people=layout.involved(params, who, layout.goal_of(params, who, scope)))
