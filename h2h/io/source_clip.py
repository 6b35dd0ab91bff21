"""A video (or folder of pictures) that drives somebody: all its frames at its own rate, as often as they are wanted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from h2h.errors import Rejected, UserError
from h2h.io.video import find_clips, sampled_frames
from h2h.io.video_span import open_span


@dataclass(frozen=True)
class SourceClip:
    """Where the frames come from.

    Attributes:
        path: the file or folder.
        fps: its own rate, frames a second.
        sound: whether it has an audio stream.
        promised: how many frames it should have; None if nobody knows.
    """

    path: Path
    fps: float
    sound: bool
    promised: int | None

    def frames(self) -> Iterator[np.ndarray]:
        """Upright RGB frames (H, W, 3) uint8, all `1 / fps` apart.

        Raises:
            Rejected: it is damaged.
        """
        if self.path.is_dir():
            yield from (frame.image for frame in sampled_frames(self.path, self.fps))
            return
        with open_span(self.path, 0, math.inf) as (_, frames):
            yield from frames


def open_clip(path: Path, picture_rate: float) -> SourceClip:
    """Look at a video's header, or at a folder of pictures.

    Args:
        path: the video, or a folder of pictures or with one video.
        picture_rate: frames a second of pictures.

    Raises:
        UserError: there is nothing there, or a folder with several videos.
        Rejected: it is no video.
    """
    if not path.exists():
        raise UserError(f"{path} is missing", "name a video file, a folder of frames, a person or camera:0")
    path = only_clip(path)
    if path.is_dir():
        return SourceClip(path, picture_rate, False, None)
    try:
        with av.open(str(path)) as container, open_span(path, 0, 0) as (rate, _):
            seconds = (container.duration or 0) / 1e6
            return SourceClip(path, rate, bool(container.streams.audio), round(seconds * rate) or None)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise Rejected(
            f"{path.name} is not a readable video ({error})", "open it in a player, or export it again"
        ) from error


def only_clip(path: Path) -> Path:
    """The one clip of a folder: its video, or its pictures; a file is itself one.

    Raises:
        UserError: there are several.
        Rejected: there is none.
    """
    if not path.is_dir():
        return path
    clips = find_clips(path)
    if len(clips) > 1:
        names = ", ".join(clip.name for clip in clips[:5]) + (", ..." if len(clips) > 5 else "")
        raise UserError(f"{path} holds {len(clips)} videos: {names}", f"name one of them, e.g. {clips[0]}")
    return clips[0]
