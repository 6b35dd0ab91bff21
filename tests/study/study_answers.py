"""Somebody who takes part without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable

from h2h.study.order import order
from h2h.study.plan import Plan


def answers(
    plan: Plan, seed: int, rate: Callable[[str], int] = lambda clip: 4, choose: Callable[[tuple], str] = min
) -> dict:
    """A whole result; `rate` gets a clip, `choose` a pair."""
    clip_of = {one.trial: one.clip for one in plan.ratings}
    pair_of = {one.trial: one.pair for one in plan.preferences}
    given = [
        {"trial": trial, "rating": rate(clip_of[trial])}
        if left is None
        else {"trial": trial, "left": left, "chosen": choose(pair_of[trial])}
        for trial, left in order(plan, seed)
    ]
    return {
        "format": "h2h-study-1",
        "study": plan.study,
        "submission": f"{seed:032x}",
        "seed": seed,
        "answers": given,
    }


def encoded(result: dict) -> bytes:
    return json.dumps(result).encode()
