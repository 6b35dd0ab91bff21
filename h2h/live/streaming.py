"""One frame of the source in, one picture of the target out: the stages that a live stream runs in threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

import numpy as np

from h2h.live.face import FaceFinder, Found
from h2h.live.fade import faded
from h2h.live.source import MODES, Source
from h2h.person.card import RuntimeName
from h2h.person.person import Person
from h2h.reenactment.backgrounds import lay_over
from h2h.reenactment.motion import longest_run, part
from h2h.render.conditioning import Conditioning, ConditioningRenderer
from h2h.render.live_hybrid import FrameParameters

FADE_AFTER, FADE = 0.3, 0.7  # seconds without a face until the picture fades, and how long that takes


@dataclass
class Work:
    """One frame on its way.

    Attributes:
        number: counts captured frames.
        captured: when, seconds (`time.monotonic`).
        time: of the source's own clock, seconds.
        image: (H, W, 3) uint8 RGB, the source.
        cut: another scene begins with this frame.
        found: the face in it.
        motion: the target's parameters; None while there is no face.
        drawn: the conditional images.
        frame, mask: (S, S, 3) and (S, S) uint8, the person on black.
        picture: (S, S, 3) uint8, or (S, S, 4) without background.
        message: the picture as it is sent to watchers.
        missing: seconds since a face was seen; 0 with one, inf before the first.
        spent: stage -> milliseconds.
    """

    number: int
    captured: float
    time: float
    image: np.ndarray
    cut: bool = False
    found: Found | None = None
    motion: FrameParameters | None = None
    drawn: Conditioning | None = None
    frame: np.ndarray | None = None
    mask: np.ndarray | None = None
    picture: np.ndarray | None = None
    message: bytes | None = None
    missing: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)


class StreamingReenactment:
    """Reenacts a person frame by frame.

    `step` does everything for one frame. The stages may also run in threads of their own, each in the order of the
    frames: none of them touches what another one remembers. `mode` and `background` may change at any time.

    Args:
        person: who is drawn.
        mode: what is transferred, one of MODES; by default what the person's card says.
        background: (S, S, 3) uint8; None: transparent.
        threads: of the network, 0 for all cores.
        runtime: of the network; by default the quickest here.
        executor: where calibrations run; by default a thread beside the stream.
    """

    def __init__(
        self,
        person: Person,
        mode: str | None = None,
        background: np.ndarray | None = None,
        threads: int = 0,
        runtime: RuntimeName | None = None,
        executor: Executor | None = None,
    ):
        card = person.card
        self.person, self.background = person, background
        self._executor = executor or ThreadPoolExecutor(1)
        self._finder = FaceFinder()
        target = part(person.parameters, longest_run(person.segment))  # as offline: no jump at the target's cuts
        self._source = Source(person.head_model, target, card.tracking, card.synthesize, self._executor)
        self._render = ConditioningRenderer(
            person.head_model, person.parameters.identity, person.size, card.nmfc.region, card.nmfc.supersample
        )
        self._draw = person.renderer(threads, runtime)
        self._wanted_mode = self._source.mode
        self._ask = False
        self._last_seen: float | None = None
        blank = np.zeros((person.size, person.size, 3), np.uint8)
        self._last = (blank, blank[..., 0])
        if mode is not None:
            self.mode = mode

    @property
    def mode(self) -> str:
        """What is transferred."""
        return self._wanted_mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"{mode!r} is none of {', '.join(MODES)}")
        self._wanted_mode = mode

    @property
    def calibrating(self) -> str:
        """`first` or `asked` while the source's face is being measured, else nothing."""
        return "asked" if self._ask else self._source.calibration.busy

    def calibrate(self) -> None:
        """Measure the source's face anew; now it looks straight ahead, without expression."""
        self._ask = True

    @property
    def stages(self) -> list[tuple[str, Callable[[Work], None]]]:
        """Name and function of every stage, in order."""
        return [
            ("landmarks", self._look),
            ("fit", self._fit),
            ("nmfc", self._condition),
            ("generator", self._generate),
            ("composite", self._compose),
        ]

    def step(self, image: np.ndarray, at: float, number: int = 0, cut: bool = False) -> Work:
        """All stages, one after the other.

        Args:
            image: (H, W, 3) uint8 RGB.
            at: the frame's time in the source, seconds.
            number: of the frame.
            cut: another scene begins here.

        Returns:
            The frame with `picture` and the milliseconds that each stage took.
        """
        work = Work(number, time.monotonic(), at, image, cut)
        for name, stage in self.stages:
            run(name, stage, work)
        return work

    def close(self) -> None:
        """Free the detector and the thread of the calibrations."""
        self._finder.close()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _look(self, work: Work) -> None:
        if work.cut:
            self._finder.forget()
        work.found = self._finder(work.image)

    def _fit(self, work: Work) -> None:
        if self._wanted_mode != self._source.mode:
            self._source.set_mode(self._wanted_mode)
        if self._ask:
            self._source.calibration.ask()
            self._ask = False
        if work.found is not None:
            work.motion = self._source(work.found, work.time)
            self._last_seen = work.time
        else:
            work.missing = float("inf") if self._last_seen is None else work.time - self._last_seen

    def _condition(self, work: Work) -> None:
        if work.motion is not None:
            work.drawn = self._render(**asdict(work.motion))

    def _generate(self, work: Work) -> None:
        if work.cut or (work.found is not None and work.found.again):  # as offline: no memory across a cut
            self._draw.reset()
        if work.drawn is not None:
            self._last = self._draw(work.drawn.nmfc, work.drawn.gaze)
        work.frame, work.mask = self._last

    def _compose(self, work: Work) -> None:
        assert work.frame is not None and work.mask is not None
        picture = lay_over(work.frame, work.mask, self.background)
        work.picture = faded(picture, float(np.clip((work.missing - FADE_AFTER) / FADE, 0, 1)))


def run(name: str, stage: Callable[[Work], None], work: Work) -> None:
    """Run a stage and note how long it took."""
    began = time.perf_counter()
    stage(work)
    work.spent[name] = 1000 * (time.perf_counter() - began)
