"""Encode frames as an MP4 that every browser plays (H.264, yuv420p), as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_mp4(path: Path, frames: Iterable[np.ndarray], fps: float, crf: int = 18) -> int:
    """Encode RGB frames.

    Args:
        path: the file to write (not atomic: give a temporary name).
        frames: (H, W, 3) uint8 each, all of one size; odd sides are padded by one pixel.
        fps: frames a second.
        crf: H.264 quality, lower is better.

    Returns:
        The number of frames.
    """
    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = None
        for image in frames:
            image = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)), mode="edge")
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.options = {"crf": str(crf), "preset": "medium"}
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")))
            count += 1
        if stream is not None:
            container.mux(stream.encode())
    return count
