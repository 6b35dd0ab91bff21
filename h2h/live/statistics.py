"""Frame rate, latency and milliseconds a stage, over the last seconds of a stream."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from h2h.live.streaming import Work

KEPT = 150  # frames


class Statistics:
    """Sums up the frames that were finished last."""

    def __init__(self) -> None:
        self._spent: deque[dict[str, float]] = deque(maxlen=KEPT)
        self._finished: deque[float] = deque(maxlen=KEPT)
        self._latency: deque[float] = deque(maxlen=KEPT)
        self._seen: deque[tuple[float, float]] = deque(maxlen=KEPT)  # when a page drew it, and its latency
        self._captured: deque[tuple[int, float]] = deque(maxlen=KEPT)
        self.frames = 0
        self.oldest = 0.0
        self.withheld = 0
        self._lock = threading.Lock()  # several threads bring figures and ask for them

    def add(self, work: Work, now: float) -> None:
        """A frame was finished at `now` (`time.monotonic`)."""
        with self._lock:
            self.frames += 1
            self._spent.append(work.spent)
            self._finished.append(now)
            self._latency.append(1000 * (now - work.captured))
            self.oldest = max(self.oldest, self._latency[-1])
            self._captured.append((work.number, work.captured))

    def too_old(self) -> None:
        """A frame was finished too late to be shown."""
        with self._lock:
            self.withheld += 1

    def shown(self, number: int, now: float) -> None:
        """A page said at `now` that it has drawn a frame."""
        with self._lock:
            captured = next((when for which, when in self._captured if which == number), None)
            if captured is not None:
                latency = 1000 * (now - captured)
                self._seen.append((now, latency))
                self.oldest = max(self.oldest, latency)

    def summary(self) -> dict[str, Any]:
        """Figures of the last frames.

        Returns:
            `frames` so far; `fps`; `latency` and `latency95`, median and 95th percentile in ms from capture until the
            frame was encoded, or drawn by a page (`drawn`); `stages`, medians in ms.
        """
        with self._lock:
            return self._summary()

    def _summary(self) -> dict[str, Any]:
        if not self._finished:
            nothing = {"frames": 0, "fps": 0.0, "latency": 0.0, "latency95": 0.0, "drawn": False, "stages": {}}
            return nothing | {"oldest": 0.0, "withheld": self.withheld}
        names = {name: None for spent in self._spent for name in spent}
        stages = {name: [spent[name] for spent in self._spent if name in spent] for name in names}
        span = self._finished[-1] - self._finished[0]
        # No older than the frames: nobody draws these once the page is closed.
        drawn = [latency for when, latency in self._seen if when >= self._finished[0]]
        middle, late = np.percentile(drawn or self._latency, [50, 95])
        return {
            "frames": self.frames,
            "fps": round((len(self._finished) - 1) / span, 1) if span > 0 else 0.0,
            "latency": round(float(middle), 1),
            "latency95": round(float(late), 1),
            "drawn": bool(drawn),
            "oldest": round(self.oldest, 1),
            "withheld": self.withheld,
            "stages": {name: round(float(np.median(values)), 1) for name, values in stages.items()},
        }
