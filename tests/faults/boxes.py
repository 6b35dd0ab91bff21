"""MP4 files whose headers say another length."""

from __future__ import annotations

import struct
from collections.abc import Iterator

FOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts")


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and where the contents begin and end, of all boxes."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start + 8, start + size
        if kind in FOLDERS:
            yield from boxes(data, start + 8, start + size)
        start += size


def frame_times(data: bytes, factor: float) -> bytes:
    """The file with other durations of all its frames, in the table that players go by; the edit list is put out."""
    changed = bytearray(data)
    for kind, start, _ in boxes(data):
        if kind == b"stts":
            for entry in range(struct.unpack_from(">I", data, start + 4)[0]):
                place = start + 12 + 8 * entry
                struct.pack_into(">I", changed, place, int(struct.unpack_from(">I", data, place)[0] * factor))
        elif kind == b"elst":
            changed[start - 4 : start] = b"free"
    return bytes(changed)


def durations(data: bytes, seconds: float) -> bytes:
    """The file with another duration in the headers of the movie, its tracks and their media."""
    changed, scale = bytearray(data), 1
    for kind, start, _ in boxes(data):
        assert data[start] == 0 or kind not in (b"mvhd", b"tkhd", b"mdhd"), "32-bit headers"
        if kind in (b"mvhd", b"mdhd"):
            scale = struct.unpack_from(">I", data, start + 12)[0]
            struct.pack_into(">I", changed, start + 16, min(int(seconds * scale), 2**32 - 1))
        elif kind == b"tkhd":
            struct.pack_into(">I", changed, start + 20, min(int(seconds * 1000), 2**32 - 1))
    return bytes(changed)
