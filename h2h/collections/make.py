"""Make the people of a plan: a folder each, with clips and an identity.yaml that says where they come from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from h2h.collections.cutter import cut, take
from h2h.collections.plan import Person
from h2h.collections.span import Collection
from h2h.errors import Rejected
from h2h.io.atomic import write_text
from h2h.layout import identity_file

CONSENT = "none known: public videos that a collection lists; this person was not asked"


@dataclass
class Made:
    """What an import did: clips written now, clips that were there, and what went wrong, one line each."""

    written: int = 0
    kept: int = 0
    people: int = 0
    problems: list[str] = field(default_factory=list)


def make_person(person: Person, collection: Collection, people: Path, made: Made, done: Callable[[], object]) -> None:
    """Make one person's folder, or go on where an earlier import of the same collection stopped.

    A clip that cannot be made is reported in `made` and left out; a person without any clip gets no folder. A folder
    that is not from this collection is left alone.

    Args:
        person: whom.
        collection: where they come from.
        people: the folder `data/identities`.
        made: is added to.
        done: called after each clip.
    """
    folder, card = people / person.name, people / person.name / "identity.yaml"
    source = f"{collection.title}, {person.called!r}; the clips are named after their videos"
    if folder.exists() and not (card.exists() and identity_file(person.name, people).source == source):
        made.problems.append(f"{folder} is somebody else's: left alone (import with --as NAMEPREFIX)")
        for _ in person.clips:
            done()
        return
    if not card.exists():  # before the clips: a folder without it would be a target
        write_text(card, _identity(collection, source))
    usable = 0
    for clip in person.clips:
        output = folder / clip.name
        try:
            if output.exists():
                made.kept += 1
            elif clip.found.cut:
                take(clip.found.path, output)
                made.written += 1
            else:
                cut(clip.span, clip.found.path, output)
                made.written += 1
            usable += 1
        except Rejected as error:
            made.problems.append(f"{person.name}/{clip.name}: {error.what}")
        done()
    made.people += usable > 0
    if not usable and all(entry == card or entry.name.startswith(".") for entry in folder.iterdir()):
        shutil.rmtree(folder)


def _identity(collection: Collection, source: str) -> str:
    values = {
        "role": "train",
        "source": source,
        "licence": collection.licence,
        "credit": collection.credit,
        "consent": CONSENT,
    }
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
