"""Write videos that every player and browser shows: H.264, yuv420p."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

SMALLEST = 256  # px; smaller pictures are enlarged so that players show them well


def write_video(path: Path, frames: Iterable[np.ndarray], fps: float, quality: int = 18) -> None:
    """Encode RGB frames.

    Args:
        path: an .mp4; the caller sees to it that no half file is left (`h2h.io.atomic.replacing`).
        frames: (H, W, 3) uint8, all of one size, read one at a time.
        fps: frames a second.
        quality: x264's constant rate factor.
    """
    rate = Fraction(fps).limit_denominator(1000)
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        # mbtree off: with it the same frames gave other bytes from run to run
        options = {"crf": str(quality), "preset": "medium", "x264-params": "mbtree=0"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.pix_fmt = "yuv420p"
        for number, image in enumerate(frames):
            image = _enlarged(image)
            if number == 0:
                stream.height, stream.width = image.shape[:2]
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def side_by_side(*pictures: np.ndarray) -> np.ndarray:
    """Pictures (H, W, 3) of one height, in a row."""
    return np.concatenate(pictures, axis=1)


def _enlarged(image: np.ndarray) -> np.ndarray:
    """At least `SMALLEST` pixels high, both sides even as yuv420p needs."""
    height, width = image.shape[:2]
    times = max(1, -(-SMALLEST // height))
    size = (width * times // 2 * 2, height * times // 2 * 2)
    return (
        np.ascontiguousarray(image)
        if size == (width, height)
        else cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    )
