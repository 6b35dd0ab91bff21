"""What the papers' published tables were made with, as their texts say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Setting:
    """How a published table came about.

    Attributes:
        paper: its key in published_results.yaml.
        where: paper and table, for people.
        people: who is scored.
        initialised: whom the networks have learned from before.
        frames: what they learn from of each person.
        held_out: what is scored.
        features: FID's network; "" where no FID is published.
        epochs: of the initialisation and of the training on a person; None: there is none, or the text has no number.
    """

    paper: Literal["h2h", "h2hfs"]
    where: str
    people: str
    initialised: str
    frames: str
    held_out: str
    features: str
    epochs: tuple[int | None, int | None]


_LAST = "the last 100 frames"
_ALONE = "nobody: one network a person"
FEW_SHOT = Setting(
    "h2hfs", "Head2HeadFS", "20 people of its own", "480 people", "50 to 500 frames", _LAST, "ArcFace", (20, 15)
)
SETTINGS = {
    "table1": Setting(
        "h2hfs", "Head2HeadFS, Table 1", "five people of its own", "480 people", "50 frames", _LAST, "ArcFace", (20, 15)
    ),
    "table2": Setting(
        "h2hfs", "Head2HeadFS, Table 2", "four people of its own", "480 people, or nobody",
        "500 frames of two people, 250 of two", _LAST, "ArcFace", (20, 15),
    ),
    "table3": Setting(
        "h2hfs", "Head2HeadFS, Table 3", "six people of its initialisation", "480 people",
        "no fine-tuning", _LAST, "ArcFace", (16, None),
    ),
    "table1a": Setting(
        "h2h", "Head2Head, Table I(a)", "Justin, Joe, Merkel and Turnbull", _ALONE,
        "the first two thirds of a video, 4000 frames on average", "the last third", "", (None, None),
    ),
    "table1b": Setting(
        "h2h", "Head2Head, Table I(b)", "May, Justin, Turnbull and Obama", _ALONE,
        "the first two thirds of a video", "the last third", "", (None, None),
    ),
}  # fmt: skip


def setting_of(published: str | None) -> Setting:
    """That of a published table, a key of `SETTINGS`; of a table without published numbers that of FS throughout."""
    return FEW_SHOT if published is None else SETTINGS[published]
