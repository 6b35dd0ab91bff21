"""Begins and completes the recordings of a live session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from h2h.errors import UserError
from h2h.io.synthetic_video import SyntheticVideo
from h2h.live.recording import Recording

STOP_FIRST = "stop the recording first: its credentials say what it shows"


class Recorder:
    """Records what a session shows while somebody wants it.

    Args:
        tell: given a line for whoever watches.
    """

    def __init__(self, tell: Callable[[str], None]):
        self._tell = tell
        self._recording: tuple[Recording, ExitStack, SyntheticVideo] | None = None
        self._beginning = False
        self._control = threading.Lock()  # of who begins and ends recordings
        self._lock = threading.Lock()  # of the recording itself

    @property
    def running(self) -> bool:
        """Whether something is recorded."""
        return self._recording is not None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Within this, what is shown may change, and no recording begins.

        Raises:
            ValueError: a recording runs or begins.
        """
        with self._lock:
            if self._beginning or self._recording is not None:
                raise ValueError(STOP_FIRST)
            yield

    def begin(self, film: Callable[[], SyntheticVideo]) -> None:
        """Begin a recording unless one runs; what prevents it is told.

        Args:
            film: gives what is written, of what is shown now; that does not change any more.
        """
        with self._control:
            if self._recording is not None:
                return
            with self._lock:
                self._beginning = True
            try:
                video = film()
                stack = ExitStack()
                stack.enter_context(video)
            except UserError as error:
                self._tell(str(error))
            else:
                with self._lock:
                    self._recording = Recording(video, video.fps), stack, video
            finally:
                self._beginning = False

    def end(self) -> None:
        """Complete the recording, if one runs: it is signed; the stream goes on meanwhile."""
        with self._control:
            with self._lock:
                finished, self._recording = self._recording, None
            if finished is None:
                return
            recording, stack, video = finished
            try:
                with stack:
                    recording.close()
            except (OSError, UserError) as error:
                self._failed(video, error)
            else:
                self._tell(f"saved {video.path}")

    def add(self, picture: np.ndarray, at: float) -> None:
        """A picture that is shown from `at` (seconds) on."""
        with self._lock:
            if self._recording is None:
                return
            recording, stack, video = self._recording
            if picture.shape[2] != (4 if video.alpha else 3):
                return  # composited before the background that is recorded was chosen
            try:
                recording.add(picture, at)
            except (OSError, UserError) as error:  # a full disk ends the recording, not the stream
                self._recording = None
                stack.__exit__(type(error), error, error.__traceback__)
                self._failed(video, error)

    def _failed(self, video: SyntheticVideo, error: Exception) -> None:
        self._tell(f"{video.path} could not be written and was removed: {error}")
