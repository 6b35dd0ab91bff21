"""The section `figures` of `params.yaml`: which pictures and numbers stand for a published figure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from h2h.config.base import Name, Section


class Figure(Section):
    """A page of the report that stands for a figure of one of the papers."""

    shows: Literal["held_out", "driven", "masks", "cycle"] = Field(
        description="held_out: truth and results; masks; driven: by others (its table has transfers); cycle (cycles)"
    )
    caption: str = Field(description="what it shows, and how the published figure differs")
    table: Name = Field(description="whose frames and numbers it shows; made when that table is")
    rows: list[Name] = Field(description="experiments of the table, in order", min_length=1)
    metrics: list[str] = Field(description="columns of the table below the pictures", min_length=1)
    errors: bool = Field(False, description="below each result its distance from the truth, as a heat map")
    mouth: bool = Field(False, description="only the surroundings of the mouth, enlarged")
    published: str | None = Field(None, description="where the published numbers are, e.g. h2hfs.figure6_mask_iou")
