"""Section of `params.yaml` about the report."""

from __future__ import annotations

from pydantic import Field

from h2h.config.base import Section


class Report(Section):
    """What the report shows besides the run's own results."""

    others: int = Field(
        description="people who are seen in no result have a page, too, at most so many, always the same ones; "
        "`snakemake reports/people/NAME.json` makes another one's",
        ge=0,
    )
    study: str = Field(description="folder of the user study (`h2h study build -o`) whose tables are shown")
