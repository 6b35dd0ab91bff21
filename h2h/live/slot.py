"""Where one stage leaves a frame for the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """Holds a single thing.

    Args:
        latest: a newer thing replaces one that nobody took (a live stream never falls behind); else `put` waits.
        inherit: given a thing that is dropped and the newer one, which may have to take something over.
    """

    def __init__(self, latest: bool = True, inherit: Callable[[T, T], None] = lambda dropped, newer: None):
        self._latest, self._inherit = latest, inherit
        self._things: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self.dropped = 0

    def put(self, thing: T) -> None:
        """Leave a thing; without effect once closed."""
        with self._changed:
            if not self._latest:
                self._changed.wait_for(lambda: not self._things or self._closed)
            if self._closed:
                return
            if self._things:
                self._inherit(self._things.popleft(), thing)
                self.dropped += 1
            self._things.append(thing)
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> T | None:
        """Wait for a thing; None when there comes no more, or none in `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._things or self._closed, timeout)
            thing = self._things.popleft() if self._things else None
            self._changed.notify_all()
            return thing

    def close(self) -> None:
        """There comes no more: what is left can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self._closed and not self._things
