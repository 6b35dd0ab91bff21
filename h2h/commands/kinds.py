"""Kinds of values on the command line that click has not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click


class FiniteRange(click.FloatRange):
    """A number in a range; `nan`, which is in every range of click's, and `inf` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        if not math.isfinite(float(super(click.FloatRange, self).convert(value, param, ctx))):
            self.fail(f"{value} is no finite number", param, ctx)
        return super().convert(value, param, ctx)


class PngFile(click.Path):
    """A picture to write: what ends otherwise is perhaps something else, which is not to be overwritten."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        path = super().convert(value, param, ctx)
        if Path(path).suffix.lower() != ".png" or Path(path).is_dir():
            self.fail(f"{value}: name a file that ends in .png", param, ctx)
        return path
