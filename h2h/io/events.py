"""Scalars and pictures of a running job as TensorBoard reads them (`tensorboard --logdir logs/tensorboard`)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from tensorboardX import SummaryWriter
from tensorboardX.proto.event_pb2 import Event

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


def read_pictures(folder: Path) -> dict[str, list[tuple[int, bytes]]]:
    """The pictures that a job has written, also one that is still running or was killed.

    Args:
        folder: of one job.

    Returns:
        Name -> (step, PNG bytes) in order; where a job went on after a kill, what it wrote anew counts.
    """
    found: dict[str, dict[int, bytes]] = {}
    files = folder.glob("events.out.tfevents.*") if folder.is_dir() else []
    for file in sorted(files, key=lambda path: int(path.name.rsplit(".", 1)[-1])):
        first = int(file.name.rsplit(".", 1)[-1])
        for steps in found.values():
            for step in [step for step in steps if step > first]:
                del steps[step]
        for event in _events(file.read_bytes()):
            for value in event.summary.value:
                if value.HasField("image"):
                    found.setdefault(value.tag, {})[event.step] = value.image.encoded_image_string
    return {name: sorted(steps.items()) for name, steps in found.items()}


def _events(data: bytes) -> Iterator[Event]:
    """Records of length (8 bytes), checksum (4), event and checksum (4). A last one that is cut off is left out."""
    place = 0
    while place + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + 12 + length
        if end + 4 > len(data):
            return
        yield Event.FromString(data[place + 12 : end])
        place = end + 4
