"""MATLAB files up to version 7.2, read with SciPy in a process of its own."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.head_models.matlab_child import OTHER_FORMAT, UNREADABLE
from h2h.head_models.morphable_mesh import MOST_BYTES, REMEDY, check_size

HEADER, COMPRESSED, BLOCK = 128, 15, 1 << 16  # bytes before the first element; its kind; zlib makes 1000 bytes of one


def read_matlab(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """The named variables of a .mat file: arrays of numbers, or of a structure its fields, which `fields` checks.

    Raises:
        UserError: it cannot be read, or a variable is missing.
    """
    check_size(_unpacked(path), str(path))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "read.npz"
        child = [sys.executable, "-m", "h2h.head_models.matlab_child", str(path.absolute()), str(target)]
        done = subprocess.run(child, capture_output=True, text=True, errors="replace")
        if done.returncode == OTHER_FORMAT:
            raise UserError(f"{path} is a MATLAB 7.3 file", "save it again with -v7")
        if done.returncode == UNREADABLE:
            raise UserError(f"{path} cannot be read: {done.stderr.strip()[-500:]}", REMEDY)
        if done.returncode:
            raise UserError(f"{path} cannot be read: SciPy's reader of MATLAB files broke down over it", REMEDY)
        found: dict[str, Any] = {}
        with np.load(target) as arrays:
            for name in arrays.files:
                variable, _, field = name.partition(".")
                if field:
                    found.setdefault(variable, {})[field] = arrays[name]
                else:
                    found[variable] = arrays[name]
    return _only(found, names, path)


def _unpacked(path: Path) -> int:
    try:
        return unpacked_bytes(path)
    except (OSError, zlib.error, struct.error) as error:
        raise UserError(f"{path} cannot be read: {type(error).__name__}: {error}", REMEDY) from None


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
    if not isinstance(structure, dict):
        raise UserError(f"{path}: a structure with {', '.join(names)} is missing", REMEDY)
    return _only(structure, names, path)


def _only(found: dict[str, Any], names: tuple[str, ...], path: Path) -> dict[str, Any]:
    missing = [name for name in names if name not in found]
    if missing:
        raise UserError(f"{path} has no {', '.join(missing)}", REMEDY)
    return {name: found[name] for name in names}
