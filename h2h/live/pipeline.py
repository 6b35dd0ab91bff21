"""Stages in threads, with one place for a frame between two of them.

Threads and not processes: MediaPipe, OpenVINO, OpenCV and the large NumPy operations release Python's lock, and handing
a frame on costs nothing. Only so many frames are underway at once. While that many are, a new one waits before the
first stage, where a newer one replaces it: no stage works on a frame that is dropped later, and however slow a stage
is, what comes out is a few frames old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from h2h.live.slot import Slot
from h2h.live.streaming import Work, run

UNDERWAY = 2  # the generator has one, the stages before it the next; a third would only wait, and be older

Stage = tuple[str, Callable[[Work], None]]


class Pipeline:
    """Runs stages, each in a thread of its own.

    Args:
        source: frames; read in a thread of its own, too.
        stages: what is done to each frame, in order.
        latest: drop frames that there is no time for; else the source waits.
        underway: frames that are worked on at the same time.

    Attributes:
        failure: what went wrong first in a thread, if anything did.
    """

    def __init__(self, source: Iterable[Work], stages: Sequence[Stage], latest: bool = True, underway: int = UNDERWAY):
        self._slots: list[Slot[Work]] = [Slot(latest, _inherit_cut), *(Slot(latest=False) for _ in stages)]
        self._free = threading.Semaphore(underway)
        self.failure: BaseException | None = None
        self._stopped = threading.Event()
        feed = threading.Thread(target=self._guarded, args=(self._feed, source), daemon=True)
        self._threads = [feed] + [
            threading.Thread(target=self._guarded, args=(self._work, *parts), name=parts[0][0], daemon=True)
            for parts in zip(stages, self._slots, self._slots[1:], strict=False)
        ]

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    @property
    def dropped(self) -> int:
        """Frames that were replaced by newer ones."""
        return self._slots[0].dropped

    def take(self, timeout: float | None = None) -> Work | None:
        """The next finished frame; None at the end, or when none came in time.

        Raises:
            Exception: whatever went wrong in a thread.
        """
        work = self._slots[-1].take(timeout)
        if work is not None:
            self._free.release()
        if work is None and self.failure is not None:
            raise self.failure
        return work

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more."""
        return self._slots[-1].closed

    def stop(self) -> None:
        """End all threads; frames on their way are lost."""
        self._stopped.set()
        self._free.release()
        for slot in self._slots:
            slot.close()
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(timeout=5)

    def _guarded(self, what: Callable[..., None], *arguments: object) -> None:
        try:
            what(*arguments)
        except BaseException as error:
            self.failure = self.failure or error
            self._free.release()
            for slot in self._slots:
                slot.close()

    def _feed(self, source: Iterable[Work]) -> None:
        for work in source:
            if self._stopped.is_set():
                break
            self._slots[0].put(work)
        self._slots[0].close()

    def _work(self, stage: Stage, before: Slot[Work], after: Slot[Work]) -> None:
        first = before is self._slots[0]
        while not self._stopped.is_set():
            if first:
                self._free.acquire()
            work = before.take()
            if work is None:
                break
            run(*stage, work)
            after.put(work)
        after.close()


def _inherit_cut(dropped: Work, newer: Work) -> None:
    newer.cut = newer.cut or dropped.cut  # the scene that began with the dropped frame begins with this one
