"""What a report is about, gathered once for its first pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from h2h import layout
from h2h.config import Params
from h2h.stages.page_data import Site, labels_of, rejections
from h2h.stages.workflow_state import jobs


@dataclass(frozen=True)
class Run:
    """A run of the pipeline, as its report shows it.

    Attributes:
        scope: "quickstart", "all" or "all_full".
        site: where the pages lie.
        work: folder of all artifacts.
        metrics: the file with all tables' numbers.
        params: in force.
        who: the people in it.
        goal: what it asks for.
        tables, experiments: their names.
    """

    scope: str
    site: Site
    work: Path
    metrics: Path
    params: Params
    who: layout.Cast
    goal: layout.Wanted
    tables: tuple[str, ...]
    experiments: tuple[str, ...]

    @property
    def labels(self) -> dict[str, str]:
        """Experiment -> what it is called."""
        return labels_of(self.params)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The people who have a page."""
        shown = layout.with_page(self.params, layout.cast(self.params), self.goal)
        return tuple(name for name in self.who.people if name in shown)

    @cached_property
    def rejected(self) -> dict[str, dict[str, str]]:
        """Who of these people, and which of the jobs, was left out, as in `rejections`."""
        asked = {name for names in jobs(self.params, self.who, self.goal).values() for name in names}
        return {name: found for name, found in rejections(self.work).items() if name in asked}

    @property
    def films(self) -> list[Path]:
        """The synthesised films beside the people's pages."""
        found = sorted(self.site.root.glob("people/*/*.mp4"))
        return [film for film in found if film.stem in self.goal.synthesized]
