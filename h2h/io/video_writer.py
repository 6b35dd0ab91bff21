"""Write videos that every player and browser shows (H.264), or with transparency (VP9, ProRes 4444)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from h2h.errors import UserError

SMALLEST = 256  # px; smaller pictures are enlarged so that players show them well

_SILENT = "to go on without it, make a copy that has none (ffmpeg -i FILE -an -c:v copy silent.mkv) and name that"


@dataclass(frozen=True)
class _Format:
    """How a file with some suffix is encoded; `transparent` is None where the format keeps no transparency."""

    container: str
    codec: str
    opaque: str
    transparent: str | None
    sound: tuple[str, ...]  # codecs that are copied as they are; others are encoded as the first


_FORMATS = {
    ".mp4": _Format("mp4", "libx264", "yuv420p", None, ("aac", "mp3")),
    ".webm": _Format("webm", "libvpx-vp9", "yuv420p", "yuva420p", ("libopus", "opus", "vorbis")),
    ".mov": _Format("mov", "prores_ks", "yuv444p10le", "yuva444p10le", ("aac", "mp3", "pcm_s16le")),
}


class VideoFile:
    """A video being encoded, one frame at a time; its format follows from the suffix.

    Args:
        path: an .mp4, .webm or .mov; the caller sees to it that no half file is left (`h2h.io.atomic.replacing`).
        fps: frames a second.
        quality: constant rate factor of H.264 or VP9.
        alpha: keep transparency; frames then have four channels.
        audio: a file whose first sound track is added, cut off where the frames end.

    Raises:
        UserError: the suffix is none of these, the format keeps no transparency, or `audio` cannot be read. Its damage
            may show only while frames are added.
    """

    def __init__(self, path: Path, fps: float, quality: int = 18, alpha: bool = False, audio: Path | None = None):
        kind = format_of(path, alpha)
        self.rate = Fraction(fps).limit_denominator(1000)
        self.channels = "rgba" if alpha else "rgb24"
        self.frames = 0
        self.audio = audio
        flags = {"movflags": "faststart"} if kind.container != "webm" else {}
        self.container = av.open(str(path), "w", format=kind.container, options=flags)
        try:
            self.stream = self.container.add_stream(kind.codec, rate=self.rate, options=_options(kind.codec, quality))
            self.stream.pix_fmt = str(kind.transparent if alpha else kind.opaque)
            with self._hearing():
                self.sound = iter(()) if audio is None else _sound(audio, self.container, kind.sound)
                self.waiting = next(self.sound, None)
        except BaseException:
            self.abandon()
            raise

    def append(self, picture: np.ndarray) -> None:
        """Add a frame, (H, W, 3) or with `alpha` (H, W, 4) uint8; all of one size, both sides even."""
        if not self.frames:
            self.stream.height, self.stream.width = picture.shape[:2]
        for packet in self.stream.encode(av.VideoFrame.from_ndarray(picture, format=self.channels)):
            self.container.mux(packet)
        self.frames += 1
        self._mux_sound()

    def close(self) -> None:
        """Write what the encoder still holds, and the end of the file."""
        for packet in self.stream.encode():
            self.container.mux(packet)
        self.container.close()

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        with contextlib.suppress(av.error.FFmpegError):  # what made it unfinished is told already
            self.container.close()

    def _mux_sound(self) -> None:
        """The sound up to the end of the last frame: the container wants both in the order of time."""
        end = self.frames / self.rate
        with self._hearing():
            while self.waiting is not None and self.waiting.pts * self.waiting.time_base < end:
                self.container.mux(self.waiting)
                self.waiting = next(self.sound, None)

    @contextlib.contextmanager
    def _hearing(self) -> Iterator[None]:
        """Tells damaged sound of the file that it comes from; a full disk is not its fault."""
        try:
            yield
        except av.error.FFmpegError as error:
            if isinstance(error, OSError | MemoryError):
                raise
            at = float(self.frames / self.rate)
            what = f"{self.audio}: its sound is damaged at about {at:.1f} s ({error.strerror})"
            raise UserError(what, _SILENT) from error


def format_of(path: Path, alpha: bool) -> _Format:
    """How a file of this name is encoded.

    Raises:
        UserError: the suffix is unknown, or its format keeps no transparency.
    """
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{path}: no video format is called {path.suffix or 'nothing'}", "name it .mp4, .webm or .mov")
    if alpha and kind.transparent is None:
        raise UserError(f"{path}: MP4 keeps no transparency", "name it .webm (VP9) or .mov (ProRes 4444)")
    return kind


def write_video(path: Path, frames: Iterable[np.ndarray], fps: float, quality: int = 18) -> None:
    """Encode RGB frames.

    Args:
        path: an .mp4; the caller sees to it that no half file is left (`h2h.io.atomic.replacing`).
        frames: (H, W, 3) uint8, all of one size, read one at a time.
        fps: frames a second.
        quality: x264's constant rate factor.
    """
    film = VideoFile(path, fps, quality)
    try:
        for image in frames:
            film.append(enlarged(image))
    except BaseException:
        film.abandon()
        raise
    film.close()


def side_by_side(*pictures: np.ndarray) -> np.ndarray:
    """Pictures (H, W, 3) of one height, in a row."""
    return np.concatenate(pictures, axis=1)


def enlarged(image: np.ndarray) -> np.ndarray:
    """At least `SMALLEST` pixels high, both sides even as yuv420p needs."""
    height, width = image.shape[:2]
    times = max(1, -(-SMALLEST // height))
    size = (width * times // 2 * 2, height * times // 2 * 2)
    return (
        np.ascontiguousarray(image)
        if size == (width, height)
        else cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    )


def _options(codec: str, quality: int) -> dict[str, str]:
    if codec == "libx264":
        # mbtree off: with it the same frames gave other bytes from run to run
        return {"crf": str(quality), "preset": "medium", "x264-params": "mbtree=0"}
    if codec == "libvpx-vp9":
        return {"crf": str(quality), "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}
    return {"profile": "4444"}


def _sound(audio: Path, output: av.container.OutputContainer, codecs: tuple[str, ...]) -> Iterator[av.Packet]:
    """Packets of a file's first sound track for `output`: as they are if it can hold them, else encoded anew."""
    try:
        source = av.open(str(audio))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UserError(f"{audio} cannot be read for its sound: {error}", "name a video or sound file") from error
    if not source.streams.audio:
        source.close()
        return iter(())
    track = source.streams.audio[0]
    if track.codec_context is None:  # FFmpeg has no decoder for it
        source.close()
        raise UserError(f"{audio}: its sound is encoded in a way that is not known here", _SILENT)
    if track.codec_context.name in codecs:
        return _copied(source, track, output.add_stream_from_template(track))
    return _encoded(source, track, output.add_stream(codecs[0], rate=48000))


def _copied(source: av.container.InputContainer, track: av.AudioStream, stream: av.AudioStream) -> Iterator[av.Packet]:
    with source:
        for packet in source.demux(track):
            if packet.pts is not None:
                packet.stream = stream
                yield packet


def _encoded(source: av.container.InputContainer, track: av.AudioStream, stream: av.AudioStream) -> Iterator[av.Packet]:
    with source:
        for frame in source.decode(track):
            yield from stream.encode(frame)
        yield from stream.encode()
