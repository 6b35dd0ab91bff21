"""MATLAB files up to version 7.2, read with SciPy."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

from scipy.io import loadmat

from h2h.errors import UserError
from h2h.head_models.morphable_mesh import MOST_BYTES, REMEDY, check_size

HEADER, COMPRESSED, BLOCK = 128, 15, 1 << 16  # bytes before the first element; its kind; zlib makes 1000 bytes of one


def read_matlab(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """The named variables of a .mat file; the fields of a structure are reached with `fields`.

    Raises:
        UserError: it cannot be read, or a variable is missing.
    """
    try:
        check_size(unpacked_bytes(path), str(path))
        file = loadmat(path)
    except UserError:
        raise
    except NotImplementedError:
        raise UserError(f"{path} is a MATLAB 7.3 file", "save it again with -v7") from None
    except Exception as error:  # SciPy raises many kinds for damaged files, TypeError and IndexError among them
        raise UserError(f"{path} cannot be read: {type(error).__name__}: {error}", REMEDY) from None
    return _only(file, names, path)


def unpacked_bytes(path: Path) -> int:
    """How many bytes a .mat file (level 5) has when unpacked; the count ends soon after `MOST_BYTES`."""
    total = 0
    with path.open("rb") as file:
        order = "<" if file.read(HEADER)[-2:] == b"IM" else ">"
        while total <= MOST_BYTES and len(tag := file.read(8)) == 8:
            kind, size = struct.unpack(f"{order}II", tag)
            if kind != COMPRESSED:
                total += size
                file.seek(size, 1)
                continue
            unpack = zlib.decompressobj()
            while size > 0 and total <= MOST_BYTES and (block := file.read(min(size, BLOCK))):
                size -= len(block)
                total += len(unpack.decompress(block))
    return total


def fields(structure: Any, names: tuple[str, ...], path: Path) -> dict[str, Any]:
    """Fields of a MATLAB structure (1, 1)."""
    if getattr(structure.dtype, "names", None) is None or structure.size != 1:
        raise UserError(f"{path}: a structure with {', '.join(names)} is missing", REMEDY)
    record = structure.ravel()[0]
    return _only({name: record[name] for name in structure.dtype.names}, names, path)


def _only(found: dict[str, Any], names: tuple[str, ...], path: Path) -> dict[str, Any]:
    missing = [name for name in names if name not in found]
    if missing:
        raise UserError(f"{path} has no {', '.join(missing)}", REMEDY)
    return {name: found[name] for name in names}
