"""Loss curves, thinned to a few points, and what takes them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np


@dataclass
class Curves:
    """Points, each the mean over the clips since the one before.

    Attributes:
        points: losses by name, and "clip", the number of clips done.
        recent: losses of the clips after the last point.
    """

    points: list[dict[str, float]] = field(default_factory=list)
    recent: list[dict[str, float]] = field(default_factory=list)

    def add(self, clip: int, values: dict[str, float], point: bool) -> None:
        """Take the losses of clip number `clip` (from 1) in; with `point` close a point of the curve."""
        self.recent.append(values)
        if point:
            names = sorted({name for entry in self.recent for name in entry})
            means = {n: float(np.mean([entry[n] for entry in self.recent if n in entry])) for n in names}
            self.points.append({"clip": clip, **{n: round(v, 5) for n, v in means.items()}})
            self.recent = []


class Diary(Protocol):
    """What takes down losses and samples."""

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""

    def picture(self, step: int, name: str, picture: np.ndarray) -> None:
        """A picture (H, W, 3) uint8."""
