"""Read the watermark of a video file."""

from __future__ import annotations

from pathlib import Path

import av

from h2h.errors import UserError
from h2h.io.video import pictures_of
from h2h.watermark.read import Evidence, Mark

SMALLEST = 16  # px; a smaller picture carries no mark
FRAMES = 200  # about so many are looked at, spread over the video; all where its header does not count them


def read_watermark(path: Path) -> Mark | None:
    """The watermark of a video or picture, None if there is none.

    Frames of another size than the first are passed over.

    Raises:
        UserError: the file cannot be decoded, holds no picture, or larger ones than are read.
    """
    evidence, size = Evidence(), None
    try:
        with av.open(str(path)) as container:
            stream = pictures_of(container, str(path))
            step = max(1, -(-stream.frames // FRAMES))
            for number, frame in enumerate(container.decode(stream)):
                size = size or (frame.height, frame.width)
                if min(size) < SMALLEST:
                    return None
                if number % step == 0 and size == (frame.height, frame.width):
                    evidence.add(frame.to_ndarray(format="gray"))
    except (av.error.FFmpegError, ValueError) as error:
        if size is None:
            raise UserError(f"{path} is not a readable video: {error}", "name a video") from error
    return evidence.read()
