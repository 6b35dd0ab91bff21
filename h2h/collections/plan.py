"""What an import will do: which clips make which person, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from h2h.collections.span import Collection, Entry, Span, person_name, safe
from h2h.collections.videos import Found, Videos
from h2h.errors import Rejected


@dataclass(frozen=True)
class Clip:
    """One clip to make: its file's name, where it comes from."""

    name: str
    span: Span
    found: Found


@dataclass(frozen=True)
class Person:
    """One folder to make.

    Attributes:
        name: the folder's.
        called: what the collection calls them.
        clips: in the collection's order.
    """

    name: str
    called: str
    clips: list[Clip]

    @property
    def seconds(self) -> float:
        """Length of all clips."""
        return sum(clip.span.end - clip.span.start for clip in self.clips)


@dataclass
class Plan:
    """What an import will do.

    Attributes:
        people: whom to make.
        problems: what was left out, and why, one line each.
        missing: videos that the collection lists and the folder does not hold.
    """

    people: list[Person] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)


def make_plan(
    collection: Collection, videos: Videos, prefix: str, limit: int | None, longest: float, shortest: float
) -> Plan:
    """Choose people and clips.

    Args:
        collection: what to import.
        videos: what there is.
        prefix: before every name.
        limit: at most so many people; None for all.
        longest: seconds of clips after which a person has enough.
        shortest: seconds below which a person is left out.
    """
    plan, names = Plan(), {}
    for called, entries in collection.people():
        if limit is not None and len(plan.people) >= limit:
            break
        clips = _clips(entries, videos, longest, plan)
        if not clips:
            continue
        try:
            person = Person(person_name(called, prefix), called, clips)
        except Rejected as error:
            plan.problems.append(error.what)
            continue
        if person.name in names:
            plan.problems.append(f"{called!r} and {names[person.name]!r} would both be {person.name}")
        elif person.seconds < shortest:
            plan.problems.append(f"{called!r}: only {person.seconds:.1f} s of video")
        else:
            names[person.name] = called
            plan.people.append(person)
    return plan


def _clips(entries: list[Entry], videos: Videos, longest: float, plan: Plan) -> list[Clip]:
    clips: dict[str, Clip] = {}
    total = 0.0
    for entry in entries:
        if total >= longest:
            break
        if (found := videos.of(entry)) is None:
            plan.missing.add(entry.video)
            continue
        try:
            span = entry.span()
        except (Rejected, OSError) as error:
            what = error.what if isinstance(error, Rejected) else error.strerror
            plan.problems.append(f"{entry.person!r}, {entry.video!r}, clip {entry.clip!r}: {what}")
            continue
        suffix = found.path.suffix.lower() if found.cut else ".mp4"
        name = f"clip_{safe(entry.video)}_{safe(entry.clip)}{suffix}"
        if name not in clips:  # some lists name a clip twice
            clips[name] = Clip(name, span, found)
            total += span.end - span.start
    return list(clips.values())
