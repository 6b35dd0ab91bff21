"""A live session: a source, the stages in threads, who watches, and the recording."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.io.synthetic_video import SyntheticVideo
from h2h.live.message import encoded, pack, source_picture
from h2h.live.pipeline import Pipeline
from h2h.live.recording import Recording
from h2h.live.source import MODES
from h2h.live.statistics import Statistics
from h2h.live.streaming import StreamingReenactment, Work
from h2h.person.record import driven_record
from h2h.reenactment.backgrounds import PLATE, TRANSPARENT, colour

OLDEST = 1.0  # seconds: an older picture is not shown
SUMMARY_EVERY = 0.5  # seconds
PICTURE = "picture"
STOP_FIRST = "stop the recording first: its credentials say what it shows"


class Session:
    """Runs until its source ends or `stop` is called.

    Args:
        stream: whose stages run; its background is the first one.
        source: frames.
        source_ingredient: what the recordings' credentials say of the source.
        recordings: folder.
        picture: a further background (S, S, 3) uint8.
        show: given every message for the page and when its frame was captured; called from a thread.
        tell: given a line for whoever watches; called from threads.
        send: given every picture, such as a virtual camera.
    """

    def __init__(
        self,
        stream: StreamingReenactment,
        source: Iterable[Captured],
        source_ingredient: Ingredient,
        recordings: Path,
        picture: np.ndarray | None = None,
        show: Callable[[bytes, float], None] = lambda message, captured: None,
        tell: Callable[[str], None] = lambda text: None,
        send: Callable[[np.ndarray], None] = lambda picture: None,
    ):
        self.stream, self.show, self.tell, self._send = stream, show, tell, send
        self._ingredient, self._recordings, self._picture = source_ingredient, recordings, picture
        self.background = PLATE
        self.statistics = Statistics()
        self._summary: tuple[float, dict[str, Any]] = (0.0, self.statistics.summary())
        self._recording: tuple[Recording, ExitStack, Path] | None = None
        self._control = threading.Lock()  # of who begins and ends recordings
        self._lock = threading.Lock()  # of the recording itself
        self.failure: Exception | None = None
        self._pipeline = Pipeline(_works(source), [*stream.stages, ("encode", self._encode)])
        self._output = threading.Thread(target=self._run, name="output", daemon=True)
        self.ended = threading.Event()

    def start(self) -> None:
        """Start all threads."""
        self._pipeline.start()
        self._output.start()

    def stop(self) -> None:
        """End everything; a recording is completed."""
        self._pipeline.stop()
        if self._output.is_alive():
            self._output.join(timeout=5)
        self.record(False)
        self.stream.close()

    @property
    def backgrounds(self) -> list[str]:
        """What `set_background` takes, besides colours."""
        return [PLATE, TRANSPARENT, *([PICTURE] if self._picture is not None else [])]

    def set_mode(self, mode: str) -> None:
        """Transfer something else.

        Raises:
            ValueError: there is no such mode, or a recording runs.
        """
        if self._recording is not None:
            raise ValueError(STOP_FIRST)
        self.stream.mode = mode

    def set_background(self, name: str) -> None:
        """Put something else behind the person: one of `backgrounds`, or a colour like #00ff00.

        Raises:
            ValueError: there is no such background, or a recording runs.
        """
        if self._recording is not None:
            raise ValueError(STOP_FIRST)
        person = self.stream.person
        fixed = {PLATE: person.plate, TRANSPARENT: None}
        if self._picture is not None:
            fixed[PICTURE] = self._picture
        plain = colour(name, person.size)
        if name not in fixed and plain is None:
            raise ValueError(f"there is no background {name[:40]!r}")
        self.stream.background = fixed.get(name, plain)
        self.background = name

    def shown(self, number: int) -> None:
        """A page has drawn a frame."""
        self.statistics.shown(number, time.monotonic())

    def record(self, on: bool) -> None:
        """Begin or end a recording; it is signed when it ends."""
        with self._control:
            if on == (self._recording is not None):
                return
            if not on:
                with self._lock:
                    finished, self._recording = self._recording, None
                assert finished is not None
                self._finish(*finished)  # the stream goes on meanwhile
                return
            try:
                begun = self._begin()
            except UserError as error:
                self.tell(str(error))
                return
            with self._lock:
                self._recording = begun

    def _begin(self) -> tuple[Recording, ExitStack, Path]:
        person, alpha = self.stream.person, self.stream.background is None
        card = person.card
        name = f"{person.name}-{datetime.now():%Y%m%d-%H%M%S}.{'webm' if alpha else 'mp4'}"
        record = driven_record(card, f"live.{person.name}", self.stream.mode, self._ingredient)
        stack, fps = ExitStack(), round(card.fps)
        film = stack.enter_context(SyntheticVideo(self._recordings / name, fps, record, alpha=alpha))
        return Recording(film, fps), stack, self._recordings / name

    def _finish(self, recording: Recording, stack: ExitStack, path: Path) -> None:
        try:
            with stack:
                recording.close()
        except (OSError, UserError) as error:
            self.tell(f"{path} could not be written and was removed: {error}")
        else:
            self.tell(f"saved {path}")

    def _run(self) -> None:
        try:
            while not self._pipeline.ended:
                work = self._pipeline.take(0.5)
                if work is not None:
                    self._finished(work)
            if self._pipeline.failure is not None:  # it came while the last frame was shown: nobody took it
                raise self._pipeline.failure
        except Exception as error:  # of any thread: the command line says what it was
            self.failure = error
        self.ended.set()

    def _finished(self, work: Work) -> None:
        assert work.picture is not None and work.message is not None
        now = time.monotonic()
        if now - work.captured > OLDEST:
            self.statistics.too_old()
            return
        self.statistics.add(work, now)
        self._record(work.picture, work.captured)
        self._send(work.picture)
        self.show(work.message, work.captured)

    def _record(self, picture: np.ndarray, at: float) -> None:
        with self._lock:
            if self._recording is None:
                return
            recording, stack, path = self._recording
            try:
                recording.add(picture, at)
            except (OSError, UserError) as error:  # a full disk ends the recording, not the stream
                self._recording = None
                stack.__exit__(type(error), error, error.__traceback__)
                self.tell(f"{path} could not be written and was removed: {error}")

    def _encode(self, work: Work) -> None:
        assert work.picture is not None
        work.message = pack(self._header(work), encoded(work.picture), source_picture(work))

    def _header(self, work: Work) -> dict[str, Any]:
        now, stream = time.monotonic(), self.stream
        if now - self._summary[0] > SUMMARY_EVERY:
            self._summary = (now, {**self.statistics.summary(), "dropped": self._pipeline.dropped})
        return {
            "number": work.number,
            "age": round(1000 * (now - work.captured)),
            "face": work.found is not None,
            "missing": None if work.missing == float("inf") else round(work.missing, 2),
            "calibrating": stream.calibrating,
            "recording": self._recording is not None,
            "mode": stream.mode,
            "background": self.background,
            "statistics": self._summary[1],
        }

    def about(self) -> dict[str, Any]:
        """What the page wants to know before the first frame."""
        card = self.stream.person.card
        return {
            "name": card.name,
            "size": card.image.size,
            "modes": list(MODES),
            "backgrounds": self.backgrounds,
            "consent": card.about.consent,
            "licence": card.about.licence,
        }


def _works(source: Iterable[Captured]) -> Iterator[Work]:
    for frame in source:
        yield Work(frame.number, frame.captured, frame.time, frame.image, frame.cut)
