"""The order in which a participant sees a study: drawn from a seed, in the page and again here for checking it.

The page draws with the same generator, mulberry32 (T. Ettinger 2017, public domain), and the same shuffle (Fisher and
Yates, in Durstenfeld's form); `page/page.js` has its twin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from h2h.study.plan import Plan

T = TypeVar("T")
WORD = 0xFFFFFFFF


def mulberry32(seed: int) -> Callable[[], int]:
    """A generator of 32-bit integers.

    Args:
        seed: 0 to 2^32 - 1.
    """
    state = seed

    def draw() -> int:
        nonlocal state
        state = (state + 0x6D2B79F5) & WORD
        t = ((state ^ (state >> 15)) * (state | 1)) & WORD
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & WORD)) & WORD
        return (t ^ (t >> 14)) & WORD

    return draw


def shuffled(items: tuple[T, ...], draw: Callable[[], int]) -> list[T]:
    """The items in a drawn order (the bias of the remainder is below 1e-8)."""
    mixed = list(items)
    for i in range(len(mixed) - 1, 0, -1):
        j = draw() % (i + 1)
        mixed[i], mixed[j] = mixed[j], mixed[i]
    return mixed


def order(plan: Plan, seed: int) -> list[tuple[str, str | None]]:
    """All trials as a participant sees them.

    The ratings come first: the second part shows which clips are synthesised.

    Args:
        plan: of the study.
        seed: of the participant.

    Returns:
        Trial, and of a preference the clip on the left.
    """
    draw = mulberry32(seed)
    ratings = [(one.trial, None) for one in shuffled(plan.ratings, draw)]
    return [*ratings, *((one.trial, one.pair[draw() % 2]) for one in shuffled(plan.preferences, draw))]
