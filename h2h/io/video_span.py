"""Read a stretch of a video at its own rate, without decoding what lies before it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from h2h.errors import Rejected
from h2h.io.video import pictures_of, upright

RATES = (1.0, 240.0)  # frames a second of a video that can be meant
LONGEST_GAP = 120.0  # seconds without a frame: it is filled, and time stamps may say anything
_REMEDY = "open it in a player; if it does not play, download it again"


@contextlib.contextmanager
def open_span(clip: Path, start: float, end: float) -> Iterator[tuple[float, Iterator[np.ndarray]]]:
    """Open the frames from `start` (included) to `end` (not included), in seconds from the video's beginning.

    Yields:
        The video's rate, frames a second, and an iterator over upright RGB frames (H, W, 3) uint8 at exactly that
        rate: where the time stamps have a gap, the frame before it is given again; where they crowd, frames are left
        out. It is empty when the video ends before `start`.

    Raises:
        Rejected: the file is no video, its pictures are too large, its rate makes no sense, or (while iterating) it is
            damaged there, or without a frame for more than `LONGEST_GAP`.
    """
    try:
        container = av.open(str(clip))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise Rejected(f"{clip.name} is not a readable video ({error})", _REMEDY) from error
    with container:
        stream = pictures_of(container, clip.name)
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        if not RATES[0] <= rate <= RATES[1]:
            raise Rejected(f"{clip.name} says it has {rate:.6g} frames a second", _REMEDY)
        yield rate, _frames(container, stream, clip, start, end, rate)


def _frames(
    container: av.container.InputContainer, stream: av.VideoStream, clip: Path, start: float, end: float, rate: float
) -> Iterator[np.ndarray]:
    """Frames on a grid of 1 / rate that begins at the first frame of the span."""
    half = 0.5 / rate
    time, given, origin = 0.0, 0, float((stream.start_time or 0) * stream.time_base)
    try:
        if start > 1:
            with contextlib.suppress(av.error.FFmpegError):  # no index: then everything is decoded
                container.seek(round((start + origin) / stream.time_base), stream=stream, backward=True)
        first = previous = None
        for number, frame in enumerate(container.decode(stream)):
            time = float(frame.time) - origin if frame.time is not None else number / rate
            # half a millisecond: time stamps are rounded to the container's ticks
            if time < start - 5e-4:
                continue
            if time >= end - 5e-4:
                break
            first = time if first is None else first
            if time - (first + given / rate) > LONGEST_GAP:
                raise Rejected(f"{clip.name} leaps from {first + given / rate:.1f} s to {time:.1f} s", _REMEDY)
            while first + given / rate < time - half:
                given += 1
                yield previous
            if first + given / rate <= time + half:
                given += 1
                previous = upright(frame)
                yield previous
    except av.error.FFmpegError as error:
        raise Rejected(f"{clip.name} is damaged at {time:.1f} s: {error.strerror}", _REMEDY) from error
