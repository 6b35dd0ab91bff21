"""What a study shows (`study.json`), and apart from it what each clip is (`key.json`)."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from h2h.config.base import Section

FORMAT = "h2h-study-1"
ClipId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
TrialId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Rating(Section):
    """One clip, rated from 1 to 5."""

    trial: TrialId = Field(description="its name, which says nothing of the clip")
    clip: ClipId = Field(description="the clip that is rated")


class Preference(Section):
    """A driving clip and two results, of which one is chosen."""

    trial: TrialId = Field(description="its name")
    driving: ClipId = Field(description="the source's clip")
    pair: tuple[ClipId, ClipId] = Field(description="the results, in the order of their names")


class Plan(Section):
    """What the page knows: nothing in it tells real clips from synthesised ones."""

    format: Literal["h2h-study-1"] = Field(FORMAT, description="of this file and of the results")
    about: str = Field(max_length=2000, description="who asks, shown on the first page")
    credits: tuple[str, ...] = Field(description="who must be named, shown at the end")
    clips: dict[ClipId, Digest] = Field(description="clip -> SHA-256 of its file")
    ratings: tuple[Rating, ...] = Field(description="the first part")
    preferences: tuple[Preference, ...] = Field(description="the second part")

    @model_validator(mode="after")
    def _consistent(self) -> Plan:
        trials = [one.trial for one in (*self.ratings, *self.preferences)]
        used = {one.clip for one in self.ratings}
        used |= {clip for one in self.preferences for clip in (one.driving, *one.pair)}
        if len(set(trials)) != len(trials) or used != set(self.clips) or not trials:
            raise ValueError("its trials and clips do not belong together")
        return self

    @cached_property
    def study(self) -> str:
        """The study's name: the first 32 hex digits of the SHA-256 of the plan as canonical JSON."""
        return digest(self.model_dump(mode="json"), 32)

    def as_json(self) -> dict[str, Any]:
        """What `study.json` and the page hold."""
        return {"study": self.study, **self.model_dump(mode="json")}


class Shown(Section):
    """What a clip is."""

    person: str = Field(description="who is seen")
    source: str | None = Field(None, description="who drives; None for a real clip")
    method: str | None = Field(None, description="the experiment that made it; None for a real clip")
    transfer: str | None = Field(None, description="self, head, face or expression; None for a real clip")
    baseline: bool = Field(False, description="whether ours is compared with it")
    artifact: str = Field(description="the file that the frames are from")
    first: int = Field(ge=0, description="its first frame there")
    frames: int = Field(ge=1, description="how many")

    @property
    def real(self) -> bool:
        """Whether it was recorded, not synthesised."""
        return self.method is None


class Key(Section):
    """Which clip is what; the participants' page has none of it."""

    study: str = Field(description="name of the study")
    clips: dict[ClipId, Shown] = Field(description="clip -> what it is")


def digest(value: Any, digits: int) -> str:
    """The first hex digits of the SHA-256 of a value as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def make_plan(
    clips: dict[str, str], rated: list[str], compared: list[tuple[str, str, str]], about: str, credits: list[str]
) -> Plan:
    """A plan whose order says nothing.

    Args:
        clips: clip -> SHA-256 of its file, of which the clip's name is the beginning.
        rated: clips of the first part.
        compared: driving clip and two results, for each trial of the second part.
        about: who asks.
        credits: who must be named.
    """
    ratings = [Rating(trial=digest(["rating", clip], 12), clip=clip) for clip in set(rated)]
    pairs = {(driving, *sorted(pair)) for driving, *pair in compared}
    preferences = [Preference(trial=digest(list(one), 12), driving=one[0], pair=(one[1], one[2])) for one in pairs]
    return Plan(
        about=about,
        credits=tuple(credits),
        clips=dict(sorted(clips.items())),
        ratings=tuple(sorted(ratings, key=lambda one: one.trial)),
        preferences=tuple(sorted(preferences, key=lambda one: one.trial)),
    )
