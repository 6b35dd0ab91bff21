"""Read videos (or folders of pictures) as streams of upright RGB frames with their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from h2h.errors import Rejected

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".avi", ".mkv", ".m4v")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
_REENCODE = "open it in a player; if it does not play, export or download it again"


@dataclass(frozen=True)
class VideoFrame:
    """One decoded frame.

    Attributes:
        index: position among all decoded frames of the clip, from 0.
        time: seconds since the clip's first frame.
        image: (H, W, 3) uint8, RGB, upright.
    """

    index: int
    time: float
    image: np.ndarray


def find_clips(folder: Path) -> list[Path]:
    """A person's clips in alphabetical order: video files, sub-folders of pictures, or the folder itself
    when the pictures lie directly in it.

    Raises:
        Rejected: there is neither video nor picture.
    """
    if not folder.is_dir():
        raise Rejected(f"{folder} is not a folder", "put each person's videos into a folder of their own")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    clips = [p for p in entries if p.suffix.lower() in VIDEO_SUFFIXES or (p.is_dir() and _pictures(p))]
    if not clips and _pictures(folder):
        clips = [folder]
    if not clips:
        raise Rejected(
            f"{folder} holds no video",
            f"put a video ({', '.join(VIDEO_SUFFIXES[:4])}) or a folder of frames into it",
        )
    return clips


def sampled_frames(clip: Path, fps: float) -> Iterator[VideoFrame]:
    """Yield a clip's frames at no more than `fps` a second, by their time stamps (variable rates keep time).

    A clip that is slower than `fps` gives each of its frames once. Memory: one frame at a time.

    Raises:
        Rejected: the file cannot be decoded, or ends before its header says.
    """
    if clip.is_dir():
        yield from _picture_frames(clip, fps)
        return
    try:
        container = av.open(str(clip))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        size = clip.stat().st_size if clip.exists() else 0
        what = "is empty" if size == 0 else f"is not a readable video ({error.strerror or error})"
        raise Rejected(f"{clip.name} {what}", _REENCODE) from error
    with container:
        if not container.streams.video:
            raise Rejected(f"{clip.name} holds no video stream", "put a video file there")
        yield from _decoded_frames(container, clip, fps)


def _decoded_frames(container: av.container.InputContainer, clip: Path, fps: float) -> Iterator[VideoFrame]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    step = 1.0 / fps
    index, first, last, due = -1, None, 0.0, 0.0
    try:
        for index, frame in enumerate(container.decode(stream)):
            time = float(frame.time) if frame.time is not None else index / float(stream.average_rate or 25)
            first = time if first is None else first
            last = time - first
            # half a millisecond: time stamps are rounded to the container's ticks
            if last >= due - 5e-4:
                due = max(due + step, last)  # a clip slower than `fps` never falls behind
                yield VideoFrame(index, last, upright(frame))
    except av.error.FFmpegError as error:
        raise Rejected(
            f"{clip.name} is damaged at {last:.1f} s (frame {index + 1}): {error.strerror}", _REENCODE
        ) from error
    promised = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if index < 0:
        raise Rejected(f"{clip.name} holds no frame that can be decoded", _REENCODE)
    if promised > 1.0 and last < 0.8 * promised:
        raise Rejected(
            f"{clip.name} ends at {last:.1f} s, its header promises {promised:.1f} s: it is truncated", _REENCODE
        )


def upright(frame: av.VideoFrame) -> np.ndarray:
    """Decode to RGB and undo the rotation that phones write into the container."""
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(getattr(frame, "rotation", 0) / 90) % 4))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


def _picture_frames(folder: Path, fps: float) -> Iterator[VideoFrame]:
    """Pictures have no time stamps: they are taken to be `fps` apart."""
    size = None
    for index, path in enumerate(_pictures(folder)):
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise Rejected(
                f"{folder.name}/{path.name} (frame {index}) is not a readable picture", "replace or delete it"
            )
        if size is not None and image.shape != size:
            raise Rejected(
                f"{folder.name}/{path.name} (frame {index}) differs in size from the first", "make all alike"
            )
        size = image.shape
        yield VideoFrame(index, index / fps, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
