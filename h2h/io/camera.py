"""Frames as they come: from a camera, or from a file that is played like one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from h2h.errors import Rejected, UserError
from h2h.io.source_clip import only_clip
from h2h.io.video import VideoFrame, sampled_frames

LATE = 0.1  # seconds: a played frame that is later than this is skipped
STALL = 0.5  # seconds: nothing is skipped for longer, or decoding slower than the clip would show no frame ever again
FASTEST = 60.0  # frames a second of a played video
PICTURES = 25.0  # likewise of a folder of pictures: they have no rate of their own
SILENCE = 50  # reads in a row that give no picture: the camera was unplugged


@dataclass(frozen=True)
class Captured:
    """A frame.

    Attributes:
        number: counts frames.
        captured: when it came, seconds (`time.monotonic`).
        time: seconds since the first.
        image: (H, W, 3) uint8 RGB.
        cut: a file begins again here.
    """

    number: int
    captured: float
    time: float
    image: np.ndarray
    cut: bool = False


def camera_frames(name: str, width: int = 640, height: int = 480) -> Iterator[Captured]:
    """Open a camera at once, and yield its frames.

    Args:
        name: a number, or a device such as /dev/video0.
        width, height: asked of the camera; it may give something else.

    Raises:
        UserError: the camera is not there, or gives no picture (also later, when it was unplugged).
    """
    silent = "unplug it and plug it in again, and close other programs that use it"
    cv2.setLogLevel(0)  # its own lines about a missing camera say less than the error below
    device = cv2.VideoCapture(int(name) if name.isdigit() else name)
    device.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if not device.isOpened():
        there = ", ".join(str(path) for path in sorted(Path("/dev").glob("video*"))) or "none"
        raise UserError(
            f"there is no camera {name} (devices here: {there})",
            "connect one, name another with --camera, or play a file with --file",
        )
    if not device.read()[0]:
        device.release()
        raise UserError(f"the camera {name} gives no picture", silent)

    def frames() -> Iterator[Captured]:
        number, began, missed = 0, time.monotonic(), 0
        try:
            while missed < SILENCE:
                there, image = device.read()
                if not there:
                    missed += 1
                    time.sleep(0.02)
                    continue
                now, missed = time.monotonic(), 0
                yield Captured(number, now, now - began, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
                number += 1
        finally:
            device.release()
        raise UserError(f"the camera {name} gives no picture any more", silent)

    return frames()


def played_frames(path: Path, again: bool = True, at_once: bool = False) -> Iterator[Captured]:
    """Open a file, and yield its frames when they are due; those that are late are left out.

    When that leaves nothing for `STALL` seconds, the file goes on from where it is.

    Args:
        path: a video, or a folder of pictures or with one video.
        again: begin again at the end.
        at_once: do not wait, and leave nothing out.

    Raises:
        UserError: it is not there, is a folder with no clip or several, or cannot be decoded.
    """
    if not path.exists():
        raise UserError(f"{path} is not there", "name a video file")
    try:
        path = only_clip(path)
    except Rejected as error:
        raise UserError(error.what, error.remedy) from error
    next(_decoded(path))  # what cannot be decoded is told before anything starts

    def frames() -> Iterator[Captured]:
        number, offset, began = 0, 0.0, time.monotonic()
        asked = began  # when the next frame was
        while True:
            cut, last, step = number > 0, 0.0, 1 / PICTURES
            for frame in _decoded(path):
                step = frame.time - last if frame.time > last else step
                last = frame.time
                due = began + offset + last
                if not at_once:
                    now = time.monotonic()
                    ahead = due - now
                    if ahead < -LATE:
                        if now - asked < STALL:
                            continue
                        began -= ahead  # the rest of the file is due that much later
                    if ahead > 0:
                        time.sleep(ahead)
                yield Captured(number, time.monotonic(), offset + last, frame.image, cut)
                number, cut, asked = number + 1, False, time.monotonic()
            if not again:
                return
            offset += last + step

    return frames()


def _decoded(path: Path) -> Iterator[VideoFrame]:
    try:
        yield from sampled_frames(path, PICTURES if path.is_dir() else FASTEST)
    except Rejected as error:
        raise UserError(error.what, error.remedy) from error
