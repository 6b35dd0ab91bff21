"""Sections of `params.yaml` for the data and the training of the facial flow."""

from __future__ import annotations

from pydantic import Field

from h2h.config.base import Name, Section


class FlowData(Section):
    """4D scans with their true flow: rendered, or a collection that was recorded (docs/flow_data.md)."""

    source: str = Field(
        description="synthetic renders the open stand-in for 4DFAB; anything else is the folder of a collection of 4D "
        "scans, in the layout of docs/flow_data.md",
        min_length=1,
    )
    subjects: int = Field(description="people to train on; of a collection at most so many", ge=1)
    held_out: int = Field(description="further people that no training sees; of a collection its last ones", ge=1)
    sequences: int = Field(description="sequences of each person; of a collection at most so many", ge=1)
    frames: int = Field(description="frames of each sequence; of a collection at most so many", ge=2)
    supersample: int = Field(
        description="synthetic pictures are rendered at this times the size, then averaged", ge=1, le=4
    )
    backgrounds: list[Name] = Field(
        description="people whose rooms, without them, are behind synthetic heads; not everybody, so that a new person "
        "does not train the flow networks anew"
    )
    tolerance: float = Field(
        description="how far a surface may lie before a point that still counts as visible, in pixels' widths", gt=0
    )
