"""A live session: a source, the stages in threads, who watches, and the recording."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.io.synthetic_video import SyntheticVideo
from h2h.live.message import encoded, pack, source_picture
from h2h.live.pipeline import Pipeline
from h2h.live.recorder import Recorder
from h2h.live.source import MODES
from h2h.live.statistics import Statistics
from h2h.live.streaming import StreamingReenactment, Work
from h2h.person.record import driven_record
from h2h.reenactment.backgrounds import PLATE, TRANSPARENT, colour

OLDEST = 1.0  # seconds: an older picture is not shown
SUMMARY_EVERY = 0.5  # seconds
PICTURE = "picture"


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
        self._recorder = Recorder(lambda text: self.tell(text))
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
        try:
            self.record(False)
        finally:
            self.stream.close()

    @property
    def backgrounds(self) -> list[str]:
        """What `set_background` takes, besides colours."""
        return [PLATE, TRANSPARENT, *([PICTURE] if self._picture is not None else [])]

    def set_mode(self, mode: str) -> None:
        """Transfer something else.

        Raises:
            ValueError: there is no such mode, or a recording runs or begins.
        """
        with self._recorder.changing():
            self.stream.mode = mode

    def set_background(self, name: str) -> None:
        """Put something else behind the person: one of `backgrounds`, or a colour like #00ff00.

        Raises:
            ValueError: there is no such background, or a recording runs or begins.
        """
        person = self.stream.person
        fixed = {PLATE: person.plate, TRANSPARENT: None}
        if self._picture is not None:
            fixed[PICTURE] = self._picture
        plain = colour(name, person.size)
        if name not in fixed and plain is None:
            raise ValueError(f"there is no background {name[:40]!r}")
        with self._recorder.changing():
            self.stream.background = fixed.get(name, plain)
            self.background = name

    def shown(self, number: int) -> None:
        """A page has drawn a frame."""
        self.statistics.shown(number, time.monotonic())

    def record(self, on: bool) -> None:
        """Begin or end a recording; it is signed when it ends."""
        if on:
            self._recorder.begin(self._film)
        else:
            self._recorder.end()

    def _film(self) -> SyntheticVideo:
        person, alpha = self.stream.person, self.stream.background is None
        path = _free(self._recordings / f"{person.name}-{datetime.now():%Y%m%d-%H%M%S}.{'webm' if alpha else 'mp4'}")
        record = driven_record(person.card, f"live.{person.name}", self.stream.mode, self._ingredient)
        return SyntheticVideo(path, round(person.card.fps), record, alpha=alpha)

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
        self._recorder.add(work.picture, work.captured)
        self._send(work.picture)
        self.show(work.message, work.captured)

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
            "recording": self._recorder.running,
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


def _free(path: Path) -> Path:
    """The path, or with a number if it is taken: two recordings may begin in the same second, also of two sessions."""
    stem, number = path.stem, 1
    while path.exists() or any(path.parent.glob(f".tmp-*-{path.stem}*")):  # a recording in progress has no other name
        number += 1
        path = path.with_stem(f"{stem}-{number}")
    return path


def _works(source: Iterable[Captured]) -> Iterator[Work]:
    for frame in source:
        yield Work(frame.number, frame.captured, frame.time, frame.image, frame.cut)
