"""Optical flow files in the Middlebury format (.flo; Baker et al. 2011)."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from h2h.errors import UserError
from h2h.io.regular_file import read_regular

MAGIC = b"PIEH"  # the float 202021.25
HEADER = struct.Struct("<4sii")
UNKNOWN = 1e9  # px; what is more says in this format that the flow is not known


def read_flo(path: Path) -> np.ndarray:
    """Read a flow, (H, W, 2) float32 px; NaN where it is not known.

    Raises:
        UserError: it is missing, no .flo file, too large, or not as long as its header says.
    """
    try:
        data = read_regular(path)
        magic, width, height = HEADER.unpack_from(data)
        if magic != MAGIC or width < 1 or height < 1 or len(data) != HEADER.size + 8 * width * height:
            raise ValueError("it is no .flo file, or was cut off")
    except (OSError, ValueError, struct.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "write it again, or take it away") from None
    flow = np.frombuffer(data, "<f4", offset=HEADER.size).reshape(height, width, 2).astype(np.float32)
    flow[~(np.abs(flow) <= UNKNOWN).all(axis=-1)] = np.nan
    return flow


def write_flo(path: Path, flow: np.ndarray) -> None:
    """Write a flow (H, W, 2) in px."""
    height, width = flow.shape[:2]
    path.write_bytes(HEADER.pack(MAGIC, width, height) + flow.astype("<f4").tobytes())
