"""What all formats of collections become: who, in which video, from when to when, where in the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from h2h.config.base import check_name
from h2h.errors import Rejected

Box = tuple[float, float, float, float]
FRACTIONS = (1.0, 1.0)
LONGEST = 3600.0  # s; a longer span is a mistake in the list
LATEST = 360_000.0  # s, 100 hours
FARTHEST = 100_000.0  # in units of the box
MEND = "mend the collection's list, or leave this clip out"


@dataclass(frozen=True)
class Span:
    """A stretch of a video and the part of its picture to keep.

    Attributes:
        start, end: seconds from the video's first frame; `end` is not part of it.
        box: x0, y0, x1, y1 of what is to be kept, context included; may reach over the picture's border. None keeps
            the whole picture.
        reference: width and height of the picture that the box is measured in; without a width, x is measured as y is.
    """

    start: float
    end: float
    box: Box | None = None
    reference: tuple[float | None, float] = FRACTIONS

    def __post_init__(self):
        if not (0 <= self.start < self.end <= LATEST and self.end - self.start <= LONGEST):
            raise Rejected(f"its span from {self.start:.6g} s to {self.end:.6g} s makes no sense", MEND)
        if self.box is None:
            return
        x0, y0, x1, y1 = self.box
        if not (all(math.isfinite(v) and abs(v) <= FARTHEST for v in self.box) and x0 < x1 and y0 < y1):
            raise Rejected(f"its box {self.box} makes no sense", MEND)
        if not all(side is None or 1 <= side <= FARTHEST for side in self.reference):
            raise Rejected(f"its picture of {self.reference} px makes no sense", MEND)


@dataclass(frozen=True)
class Entry:
    """A clip that a collection lists.

    Attributes:
        person, video, clip: as the collection calls them: hostile text, never a part of a path.
        whole: what a file with the whole video may be called, without suffix.
        cut: what a file with only this clip may be called: the last parts of its path, joined by "/", without suffix.
        span: reads the span; raises `Rejected` when it makes no sense.
    """

    person: str
    video: str
    clip: str
    whole: tuple[str, ...]
    cut: tuple[str, ...]
    span: Callable[[], Span]


@dataclass(frozen=True)
class Collection:
    """A collection that was found.

    Attributes:
        title: what it is called.
        credit: its authors.
        licence: what it says of itself.
        people: everybody with all their clips.
    """

    title: str
    credit: str
    licence: str
    people: Callable[[], Iterator[tuple[str, list[Entry]]]]


def around(boxes: np.ndarray, context: float) -> Box:
    """The box that holds all `boxes` (n, 4), wider on every side by `context` times their median width or height."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    reach = context * np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
    x0, y0, x1, y1 = (float(v) for v in (*(low - reach), *(high + reach)))
    return x0, y0, x1, y1


def safe(text: str) -> str:
    """Any text as a part of a file's name: letters, digits, "_" and "-"."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text)[:48]


def person_name(person: str, prefix: str = "") -> str:
    """The folder of a person.

    Raises:
        Rejected: nothing usable is left of what the collection calls them.
    """
    try:
        return check_name((prefix + safe(person)).lstrip("_-")[:64])
    except ValueError:
        raise Rejected(f"{person!r} gives no usable name", "import with a prefix: --as NAMEPREFIX") from None
