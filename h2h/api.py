"""The few calls that other programs need.

>>> from pathlib import Path
>>> from h2h.api import Person, SyntheticVideo, reenact, record_of, track
>>> person = Person.load("ann.h2hperson")         # or the name of a fine-tuned person of the project
>>> person.name, person.size
('ann', 32)

The motion in a video, as the head model's parameters:

>>> tracked = track("me.mp4", person)
>>> tracked.parameters.rotation.shape, int(tracked.seen.sum())
((12, 4), 12)

A person driven by a video, frame by frame; the first arguments of a video writer of ours:

>>> with SyntheticVideo(Path("out.mp4"), 15, record_of("me.mp4", person)) as film:
...     for frame in reenact("me.mp4", person):
...         film.append(frame.picture)
>>> frame.picture.shape, frame.mask.dtype
((32, 32, 3), dtype('uint8'))

A video that shows synthesised people is written by nothing else: `SyntheticVideo` marks and signs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from h2h.io.record import Record
from h2h.io.source_clip import open_clip
from h2h.io.synthetic_video import SyntheticVideo
from h2h.person.person import Person
from h2h.reenactment.backgrounds import PLATE
from h2h.reenactment.drawing import Drawn
from h2h.reenactment.tracker import Tracked, Tracker
from h2h.stages.reenact import Options, prepare, record

__all__ = ["Drawn", "Person", "SyntheticVideo", "Tracked", "Tracker", "record_of", "reenact", "track"]


def track(source: str | Path, person: Person, fps: float = 25.0) -> Tracked:
    """The motion in a video, in terms of a person's head model.

    Args:
        source: a video, or a folder of frames.
        person: whose head model is fitted.
        fps: of a folder of frames.

    Raises:
        Rejected: there is no face in it, or it cannot be read.
    """
    clip = open_clip(Path(source), fps)
    return Tracker(person.head_model, person.card.frames, person.card.tracking)(clip.frames, clip.fps)


def reenact(
    source: str | Path, person: Person, mode: str = "head", background: str = PLATE, fps: float = 25.0
) -> Iterator[Drawn]:
    """Drive a person with a video; what `h2h reenact` writes, as arrays.

    Args:
        source: a video, or a folder of frames.
        person: who is seen.
        mode: one of `h2h.reenactment.motion.MODES`.
        background: as for `h2h reenact`.
        fps: of a folder of frames.

    Yields:
        One frame after the other; `picture` is what is to be shown.

    Raises:
        Rejected: the source has no face, or cannot be read.
    """
    yield from prepare(open_clip(Path(source), fps), person, Options(mode, background)).frames


def record_of(source: str | Path, person: Person, mode: str = "head") -> Record:
    """What the credentials of a person's video driven by a source say."""
    return record(Path(source), person, mode)
