"""Cut one span of a video, and the part of the picture that is wanted, into a clip of its own."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import numpy as np

from h2h.collections.span import Span
from h2h.errors import Rejected
from h2h.io.atomic import replacing
from h2h.io.video import sampled_frames
from h2h.io.video_span import open_span
from h2h.io.video_writer import write_video

SMALLEST = 32  # px; no face can be found in less


def region(span: Span, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of a picture to keep: the span's box within the picture, with even sides as videos need them.

    Raises:
        Rejected: nearly nothing of the box is inside the picture.
    """
    x0, y0, x1, y1 = 0, 0, width, height
    if span.box is not None:
        scale_y = height / span.reference[1]
        scale_x = scale_y if span.reference[0] is None else width / span.reference[0]
        corners = np.rint(np.array(span.box) * [scale_x, scale_y, scale_x, scale_y])
        x0, y0, x1, y1 = (int(v) for v in np.clip(corners, 0, [width, height, width, height]))
    columns, rows = (x1 - x0) // 2 * 2, (y1 - y0) // 2 * 2
    if min(columns, rows) < SMALLEST:
        raise Rejected(
            f"its box covers {columns} x {rows} px of a picture of {width} x {height}",
            "see whether this is the video that the collection means",
        )
    return slice(y0, y0 + rows), slice(x0, x0 + columns)


def cut(span: Span, video: Path, output: Path) -> None:
    """Write a span of a video as an .mp4 at the video's own rate, without sound, atomically.

    Raises:
        Rejected: the video cannot be read, ends before the span, or does not show the box.
    """
    with open_span(video, span.start, span.end) as (rate, frames):
        first = next(frames, None)
        if first is None:
            raise Rejected(f"{video.name} ends before {span.start:.1f} s", "it may be another cut of this video")
        rows, columns = region(span, first.shape[1], first.shape[0])
        with replacing(output) as temporary:
            write_video(temporary, (image[rows, columns] for image in itertools.chain([first], frames)), rate)


def take(clip: Path, output: Path) -> None:
    """Copy a file that is this clip and nothing else, atomically, after reading it to its end.

    Raises:
        Rejected: it cannot be decoded.
    """
    for _ in sampled_frames(clip, 1.0):
        pass
    with replacing(output) as temporary:
        shutil.copyfile(clip, temporary)
