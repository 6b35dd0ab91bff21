"""Read videos (or folders of pictures) as streams of upright RGB frames with their times."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from h2h.config.base import check_line
from h2h.errors import Rejected

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".avi", ".mkv", ".m4v")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
PICTURE_FORMATS = ("PNG", "JPEG", "BMP", "TIFF")  # of these suffixes: PIL goes by the content, and knows PostScript
MOST_PIXELS = 8192 * 8192  # of a frame: a small file can claim to be enormous
_SMALLER = "scale it down, for example to a width of 1920 (ffmpeg -vf scale=1920:-2)"
_CONVERT = "convert it to H.264 with the program that made it; if it is damaged, download it again"
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
        Rejected: there is neither video nor picture, a link that leads nowhere, or a name that cannot be printed.
    """
    if not folder.is_dir():
        raise Rejected(f"{folder} is not a folder", "put each person's videos into a folder of their own")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in entries:
        if path.is_symlink() and not path.exists():
            raise Rejected(f"{path} is a symbolic link that leads nowhere", "put its file back, or remove the link")
    clips = [p for p in entries if _pictures(p) or (p.suffix.lower() in VIDEO_SUFFIXES and p.is_file())]
    if not clips and _pictures(folder):
        clips = [folder]
    for path in clips:
        try:
            check_line(path.name)
        except ValueError as error:
            raise Rejected(
                f"the name of the file {path.name!a} in {folder} is unusable: {error}", "rename it"
            ) from None
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
        Rejected: the file cannot be decoded, ends before its header says, or has frames of more than `MOST_PIXELS`.
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
        yield from _decoded_frames(container, clip, fps)


def _decoded_frames(container: av.container.InputContainer, clip: Path, fps: float) -> Iterator[VideoFrame]:
    stream = pictures_of(container, clip.name)
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


def pictures_of(container: av.container.InputContainer, name: str) -> av.VideoStream:
    """A file's first video stream, ready to be decoded.

    Raises:
        Rejected: there is none, its codec is unknown, or its pictures have more than `MOST_PIXELS`. Where a later one
            has, decoding fails.
    """
    if not container.streams.video:
        raise Rejected(f"{name} holds no video stream", "put a video file there")
    stream = container.streams.video[0]
    if stream.codec_context is None:  # FFmpeg has no decoder for it
        raise Rejected(f"{name} is encoded in a way that is not known here", _CONVERT)
    stream.thread_type = "AUTO"
    _check_size(name, stream.codec_context.width, stream.codec_context.height)
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}  # the size may change on the way
    return stream


def upright(frame: av.VideoFrame) -> np.ndarray:
    """Decode to RGB and undo the rotation that phones write into the container."""
    image = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(image, round(getattr(frame, "rotation", 0) / 90) % 4))


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Rejected(
            f"{name} has {width} x {height} pixels, {width * height / 1e6:.0f} megapixels; "
            f"at most {MOST_PIXELS / 1e6:.0f} are read",
            _SMALLER,
        )


def _pictures(folder: Path) -> list[Path]:
    entries = folder.iterdir() if folder.is_dir() else []
    shown = (path for path in entries if not path.name.startswith("."))  # macOS leaves ._NAME.png behind
    return sorted(path for path in shown if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())


def _picture_frames(folder: Path, fps: float) -> Iterator[VideoFrame]:
    """Pictures have no time stamps: they are taken to be `fps` apart."""
    size = None
    for index, path in enumerate(_pictures(folder)):
        named = f"{folder.name}/{path.name} (frame {index})"
        _check_picture(path, named)
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise Rejected(f"{named} is not a readable picture", "replace or delete it")
        if size is not None and image.shape != size:
            raise Rejected(f"{named} differs in size from the first", "make all alike")
        size = image.shape
        yield VideoFrame(index, index / fps, cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _check_picture(path: Path, named: str) -> None:
    """Look at the header before a decoder makes room for all that it promises."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=PICTURE_FORMATS) as picture:
            width, height = picture.size
    except Image.DecompressionBombError as error:
        raise Rejected(f"{named} is too large to be read: {error}", _SMALLER) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise Rejected(f"{named} is not a readable picture", "replace or delete it") from error
    _check_size(named, width, height)
