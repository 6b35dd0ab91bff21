"""HDF5 artifacts: one file a person, written as a stream, readable a few frames at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.errors import UserError


class Writer:
    """Appends rows to resizable datasets, a chunk at a time."""

    def __init__(self, file: h5py.File, chunk_frames: int = 8, compression: str | None = "lzf"):
        self.file = file
        self._chunk = chunk_frames
        self._compression = compression
        self._waiting: dict[str, list[np.ndarray]] = {}

    def append(self, **rows: np.ndarray | float | int) -> None:
        """Append one row (one frame) to each named dataset; the first row sets its type and shape."""
        for key, row in rows.items():
            waiting = self._waiting.setdefault(key, [])
            waiting.append(np.asarray(row))
            if len(waiting) >= self._chunk:
                self._write(key)

    def flush(self) -> None:
        """Write the rows that do not fill a chunk."""
        for key in self._waiting:
            self._write(key)

    def _write(self, key: str) -> None:
        rows = self._waiting[key]
        if not rows:
            return
        block = np.stack(rows)
        rows.clear()
        if key not in self.file:
            large = block[0].nbytes > 1024  # small rows (times, points) are not worth compressing
            self.file.create_dataset(
                key,
                data=block,
                maxshape=(None, *block.shape[1:]),
                chunks=(self._chunk if large else 256, *block.shape[1:]),
                compression=self._compression if large else None,
            )
            return
        dataset = self.file[key]
        dataset.resize(len(dataset) + len(block), axis=0)
        dataset[-len(block) :] = block


@contextmanager
def writing(path: Path, chunk_frames: int = 8, compression: str | None = "lzf") -> Iterator[Writer]:
    """Open a new HDF5 file for streaming writes; what waits is written at the end."""
    with h5py.File(path, "w", libver="v110") as file:
        writer = Writer(file, chunk_frames, compression)
        yield writer
        writer.flush()


@contextmanager
def reading(path: Path) -> Iterator[h5py.File]:
    """Open an artifact for reading.

    Raises:
        UserError: it is missing or damaged, with the command that makes it again.
    """
    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error}", f"delete it and run snakemake stage_{path.parent.name}"
        ) from error


def attributes(file: h5py.File) -> dict[str, Any]:
    """All attributes of a file as plain Python values."""
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in file.attrs.items()}
