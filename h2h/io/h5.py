"""HDF5 artifacts: one file a person, written as a stream, readable a few frames at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.errors import UserError

# Not LZF, which packs and unpacks about twice as fast: its hash table is whatever lies in memory, so that the same data
# now and then become other bytes, and an artifact made anew would not have the checksum that others depend on.
PACKED: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}


class Writer:
    """Appends rows to resizable datasets, a chunk at a time; `check` raises what went wrong on the disk."""

    def __init__(
        self,
        file: h5py.File,
        chunk_frames: int = 8,
        packed: bool = True,
        check: Callable[[], None] = lambda: None,
    ):
        self.file = file
        self._check = check
        self._chunk = chunk_frames
        self._packed = packed
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
                **(PACKED if large and self._packed else {}),
            )
            return
        dataset = self.file[key]
        dataset.resize(len(dataset) + len(block), axis=0)
        dataset[-len(block) :] = block
        self._check()


@contextmanager
def creating(path: Path) -> Iterator[h5py.File]:
    """Open a new HDF5 file.

    Raises:
        OSError: something could not be written, now or at the end.
    """
    with _Disk(path, "w+") as disk:
        with h5py.File(disk, "w", libver="v110") as file:
            yield file
        disk.check()


@contextmanager
def writing(path: Path, chunk_frames: int = 8, packed: bool = True) -> Iterator[Writer]:
    """Open a new HDF5 file for streaming writes; what waits is written at the end. Errors as in `creating`."""
    with _Disk(path, "w+") as disk:
        with h5py.File(disk, "w", libver="v110") as file:
            writer = Writer(file, chunk_frames, packed, disk.check)
            yield writer
            writer.flush()
        disk.check()


class _Disk(io.FileIO):
    """A file that keeps its first failure to itself.

    HDF5 tells nobody when a write fails while it closes a dataset, and may crash later; so it learns of no failure.
    """

    _failure: OSError | None = None

    def check(self) -> None:
        """Raise the first failure, if there was one."""
        if self._failure is not None:
            raise self._failure

    def write(self, data: Any) -> int:
        """Write all of the data, or note why that is not possible."""
        left = memoryview(data).cast("B")
        while len(left) and self._failure is None:
            try:
                left = left[super().write(left) :]
            except OSError as error:
                self._failure = error
        return memoryview(data).nbytes

    def truncate(self, size: int | None = None) -> int:
        """Change the size, or note why that is not possible."""
        try:
            return super().truncate(size)
        except OSError as error:
            self._failure = self._failure or error
            return self.tell() if size is None else size


@contextmanager
def reading(path: Path, stage: str = "") -> Iterator[h5py.File]:
    """Open an artifact for reading.

    Args:
        path: the artifact.
        stage: that makes it, where it is known; otherwise the name of its folder is taken for it.

    Raises:
        UserError: it is missing or damaged, with the command that makes it (again). Damage may show only while the
            block reads; the block's errors that are none of this file's pass through.
    """
    make = f"run snakemake stage_{stage or path.parent.name or 'NAME'}"
    try:
        opened = h5py.File(path, "r")
    except OSError as error:
        if not path.exists():
            raise UserError(f"{path} is not there", f"{make}, or name the file that you mean") from error
        if path.is_dir() or path.suffix != ".h5":  # nothing that may be deleted on our word
            raise UserError(f"{path} is no artifact of h2h", "name one: work/STAGE/NAME.h5") from error
        raise UserError(f"{path} cannot be read: {error}", f"delete it and {make}") from error
    with opened as file:
        try:
            yield file
        except OSError as error:
            # HDF5's word for damage has no number, as a full disk has; nor does it say in which file the damage is
            if error.errno or _is_sound(file):
                raise
            raise UserError(f"{path} cannot be read: {error}", f"delete it and {make}") from error


def _is_sound(file: h5py.File) -> bool:
    """Whether all of a file can be read, one chunk at a time."""

    def read(_: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            for part in item.iter_chunks() if item.chunks and item.size else [()]:
                item[part]

    try:
        file.visititems(read)
    except (OSError, RuntimeError, KeyError):  # of damaged numbers, of a damaged table of contents
        return False
    return True


def attributes(file: h5py.File) -> dict[str, Any]:
    """All attributes of a file as plain Python values."""
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in file.attrs.items()}
