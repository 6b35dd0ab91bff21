"""Draws of a training, one ahead of what is worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(draw: Callable[[int], T], numbers: Sequence[int]) -> Iterator[T]:
    """`draw` of each number; while the caller works on one, a thread draws the next."""
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(draw, number) for number in numbers[:1])
        for number in numbers[1:]:
            coming.append(reader.submit(draw, number))
            yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
