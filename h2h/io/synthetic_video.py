"""The one way in which h2h writes a synthesised video: encoded, marked, signed, and only then given its name."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np

from h2h.errors import UserError
from h2h.io.atomic import replacing, scratch
from h2h.io.record import NOT_RECORDED, Record
from h2h.io.signing_key import signing_key
from h2h.io.video_writer import VideoFile, enlarged, format_of
from h2h.watermark.embed import Marker
from h2h.watermark.label import labelled

log = logging.getLogger("h2h")


class SyntheticVideo:
    """A synthesised video being written; use it in a `with` statement.

    When the block ends, the file is completed, signed and renamed to `path`; after an error in it nothing is left.
    No other code signs or marks videos.

    Args:
        path: an .mp4 (H.264), .webm (VP9) or .mov (ProRes 4444). A WebM gets its manifest beside it, in `FILE.c2pa`.
        fps: frames a second.
        record: what the manifest and the watermark say.
        quality: constant rate factor of H.264 or VP9.
        audio: a file whose first sound track is copied, cut off where the frames end; none if it has no sound.
        alpha: keep transparency (WebM and MOV); pictures then have four channels.
        label: write "AI-generated" into a corner of every picture.

    Raises:
        UserError: the format keeps no transparency or is unknown, the folder cannot be written, the signing key cannot
            be used, or no picture came.
    """

    def __init__(
        self,
        path: Path,
        fps: float,
        record: Record,
        quality: int = 18,
        audio: Path | None = None,
        alpha: bool = False,
        label: bool = False,
    ):
        format_of(path, alpha)
        self.path, self.fps, self.record = path, fps, record
        self.quality, self.audio, self.alpha, self.label = quality, audio, alpha, label

    def __enter__(self) -> SyntheticVideo:
        signing_key()  # a key that cannot sign is better found now than after the last picture
        consent, licence = self.record.consent or NOT_RECORDED, self.record.licence or NOT_RECORDED
        level = logging.INFO if self.record.consent else logging.WARNING
        log.log(level, "%s shows %s; consent: %s; licence: %s", self.path.name, self.record.target, consent, licence)
        self._marker: Marker | None = None
        self._stack = ExitStack()
        try:
            self._signed = self._stack.enter_context(replacing(self.path))
            unsigned = self.path.with_name(f"{self.path.stem}-unsigned{self.path.suffix}")
            self._unsigned = self._stack.enter_context(scratch(unsigned))
            self._film = VideoFile(self._unsigned, self.fps, self.quality, self.alpha, self.audio)
        except BaseException as error:
            self._stack.__exit__(type(error), error, error.__traceback__)
            if isinstance(error, OSError):
                raise UserError(f"{self.path} cannot be written: {error}", "choose another place") from error
            raise
        return self

    def append(self, picture: np.ndarray) -> None:
        """Add a picture, (H, W, 3) or with `alpha` (H, W, 4) uint8, all of one size; small ones are enlarged."""
        picture = enlarged(picture)
        if self._marker is None:
            self._marker = Marker(self.record.number, *picture.shape[:2])
        if self.label:
            picture = labelled(picture)
        marked = self._marker.mark(np.ascontiguousarray(picture[..., :3]))
        self._film.append(np.dstack([marked, picture[..., 3]]) if self.alpha else marked)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._film.abandon()
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._finish()

    def _finish(self) -> None:
        from h2h.io.credentials import sidecar, sign_video

        if not self._film.frames:
            self._film.abandon()
            raise UserError(f"{self.path}: there is no picture to write", "check what drives the video")
        self._film.close()
        beside = sign_video(self._unsigned, self._signed, self.record)
        if beside is not None:
            with replacing(sidecar(self.path)) as temporary:
                temporary.write_bytes(beside)
