"""A live stream as a film of even rate: pictures come when they come, the film's frames are due by the clock."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Film(Protocol):
    """`h2h.io.synthetic_video.SyntheticVideo`, as far as it is needed here."""

    def append(self, picture: np.ndarray) -> None:
        """Add a picture."""
        ...


class Recording:
    """Writes each picture as often as its time asks for.

    Args:
        film: takes the pictures.
        fps: its frames a second.
    """

    def __init__(self, film: Film, fps: float):
        self._film, self._fps = film, fps
        self._began: float | None = None
        self._last: np.ndarray | None = None
        self.frames = 0

    def add(self, picture: np.ndarray, at: float) -> None:
        """A picture that is shown from `at` (seconds) on; the one before it fills the time until then."""
        if self._began is None:
            self._began = at
        due = int((at - self._began) * self._fps + 1e-6)
        while self._last is not None and self.frames < due:
            self._append(self._last)
        self._last = picture

    def close(self) -> None:
        """The last picture ends the film."""
        if self._last is not None:
            self._append(self._last)
            self._last = None

    def _append(self, picture: np.ndarray) -> None:
        self._film.append(picture)
        self.frames += 1
