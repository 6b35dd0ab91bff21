"""One participant's answers: what comes back from the page, and from strangers."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from h2h.config.base import Section
from h2h.study.order import WORD, order
from h2h.study.plan import FORMAT, ClipId, Plan, TrialId

LARGEST = 256 * 1024  # bytes of a result; a thousand answers have a tenth of it


class _Strict(Section):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Rated(_Strict):
    """An answer of the first part."""

    trial: TrialId = Field(description="what was asked")
    rating: int = Field(ge=1, le=5, description="1 absolutely fake, 5 absolutely real")


class Preferred(_Strict):
    """An answer of the second part."""

    trial: TrialId = Field(description="what was asked")
    left: ClipId = Field(description="the result that was on the left")
    chosen: ClipId = Field(description="the result that follows the source better")


class Result(_Strict):
    """Answers of one participant, in the order in which they were given."""

    format: Annotated[str, StringConstraints(pattern=f"^{FORMAT}$")] = Field(description="of this file")
    study: str = Field(max_length=64, description="name of the study")
    submission: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = Field(description="a random name")
    seed: int = Field(ge=0, le=WORD, description="of the order and the sides")
    answers: tuple[Rated | Preferred, ...] = Field(max_length=1000, description="one for each trial")

    def canonical(self) -> str:
        """The same answers give the same text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


class BadResult(ValueError):
    """A result cannot be counted; the message says why."""


def read_result(content: bytes, plan: Plan) -> Result:
    """Validate a result.

    Args:
        content: JSON, UTF-8.
        plan: of the study.

    Raises:
        BadResult: it is too large, malformed, of another study, or its answers are not those that its seed asks for.
    """
    if len(content) > LARGEST:
        raise BadResult(f"it is larger than {LARGEST} bytes")
    try:
        result = Result.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][:4])
        raise BadResult(f"it is no result: {where + ': ' if where else ''}{first['msg']}") from None
    if result.study != plan.study:
        raise BadResult(f"it belongs to another study ({result.study!r}, this one is {plan.study})")
    expected = order(plan, result.seed)
    given = [(one.trial, one.left if isinstance(one, Preferred) else None) for one in result.answers]
    if given != expected:
        raise BadResult(f"its {len(given)} answers are not those to the {len(expected)} trials, in its seed's order")
    pairs = {one.trial: one.pair for one in plan.preferences}
    if any(isinstance(one, Preferred) and one.chosen not in pairs[one.trial] for one in result.answers):
        raise BadResult("it chose a clip that was not shown")
    return result


class Pool:
    """Results, each counted once."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._from: dict[str | int, str] = {}

    def add(self, result: Result, where: str) -> None:
        """Take one in.

        Raises:
            BadResult: it was there before; two participants' seeds of 32 bits are not alike by chance.
        """
        for name in (result.submission, result.seed):
            if name in self._from:
                raise BadResult(f"it is a duplicate of {self._from[name]}")
        self._from |= {result.submission: where, result.seed: where}
        self.results.append(result)
