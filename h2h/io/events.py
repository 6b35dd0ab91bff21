"""Scalars and pictures of a running job as TensorBoard reads them (`tensorboard --logdir logs/tensorboard`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tensorboardX import SummaryWriter

FOLDER = Path("logs/tensorboard")  # beside the jobs' logs


class Events:
    """An event file in a folder of its own; use as a context.

    Args:
        folder: of one job; what an earlier job of that name left there goes away, unless this one goes on with it.
        first: the step from which on this job writes; events of later steps are void.
    """

    def __init__(self, folder: Path, first: int = 0):
        if first == 0:
            for old in folder.glob("events.out.tfevents.*"):
                old.unlink()
        self._writer = SummaryWriter(str(folder), purge_step=first or None, filename_suffix=f".{first}")

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by name."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, step: int, name: str, picture: np.ndarray) -> None:
        """A picture (H, W, 3) uint8."""
        self._writer.add_image(name, picture, step, dataformats="HWC")

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()


def events_of(stage: str, name: str) -> Callable[[int], Events]:
    """What opens the events of a job, at its first step."""
    return lambda first: Events(FOLDER / f"{stage}.{name}", first)
