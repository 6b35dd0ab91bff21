"""Optical flow files in the Middlebury format (.flo; Baker et al. 2011)."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from h2h.errors import UserError

MAGIC = b"PIEH"  # the float 202021.25
HEADER = struct.Struct("<4sii")


def read_flo(path: Path) -> np.ndarray:
    """Read a flow, (H, W, 2) float32 px.

    Raises:
        UserError: it is missing, no .flo file, or not as long as its header says.
    """
    try:
        data = path.read_bytes()
        magic, width, height = HEADER.unpack_from(data)
        if magic != MAGIC or width < 1 or height < 1 or len(data) != HEADER.size + 8 * width * height:
            raise ValueError("it is no .flo file, or was cut off")
    except (OSError, ValueError, struct.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "write it again, or take it away") from None
    return np.frombuffer(data, "<f4", offset=HEADER.size).reshape(height, width, 2).astype(np.float32)


def write_flo(path: Path, flow: np.ndarray) -> None:
    """Write a flow (H, W, 2) in px."""
    height, width = flow.shape[:2]
    path.write_bytes(HEADER.pack(MAGIC, width, height) + flow.astype("<f4").tobytes())
