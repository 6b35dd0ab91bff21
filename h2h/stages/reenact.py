"""Drive a person with a video and write the result: tracked, transferred, drawn, put before a background, signed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from h2h.errors import UserError
from h2h.io.background_file import pictures
from h2h.io.person_folder import clip_sha256
from h2h.io.record import Ingredient, Record
from h2h.io.source_clip import SourceClip
from h2h.io.synthetic_video import SyntheticVideo
from h2h.landmarks import boxes as bx
from h2h.models.background import composite
from h2h.person.person import Person
from h2h.person.record import driven_record
from h2h.reenactment.backgrounds import PLATE, TRANSPARENT, colour, cover
from h2h.reenactment.drawing import Drawn, draw
from h2h.reenactment.layouts import arrange
from h2h.reenactment.motion import drive, longest_run, part
from h2h.reenactment.paste import face_mask, paste_back
from h2h.reenactment.tracker import Progress, Tracked, Tracker
from h2h.render.conditioning import iterate_sequence
from h2h.stages.own_frames import own_frames

ALPHA_SUFFIXES = (".webm", ".mov")
TRACKED = 300  # frames of a source at least, where there are: of fewer, the identity takes an expression for the face
SHOWN = 256  # px, the source's crop beside the result
Finish = Callable[[int, Drawn], np.ndarray]  # number and frame -> the picture that is shown


@dataclass(frozen=True)
class Options:
    """What the user wants to see.

    Attributes:
        mode: one of `h2h.reenactment.motion.MODES`.
        background: "plate" (the target's own), "transparent", a colour, or a picture or video file.
        layout: one of `h2h.reenactment.layouts.LAYOUTS`.
        paste: the stage frames' artifact and the folder of videos of the target, to paste the face into its own
            full frames; None: show the crop.
        label: write "AI-generated" into the picture.
        frames: of the source, at most; None: all.
    """

    mode: str = "head"
    background: str = PLATE
    layout: str = "result"
    paste: tuple[Path, Path] | None = None
    label: bool = False
    frames: int | None = None


def check(options: Options, output: Path, paste: bool) -> None:
    """Refuse what cannot be, before anything is computed.

    Args:
        options: what the user wants to see.
        output: the video.
        paste: whether `options` has or will have something to paste into.

    Raises:
        UserError: naming the option.
    """
    if options.background == TRANSPARENT and output.suffix.lower() not in ALPHA_SUFFIXES:
        raise UserError(f"{output.suffix or output} keeps no transparency", "write a .webm or .mov")
    if paste and options.mode not in ("face", "expression"):
        raise UserError(
            f"--paste goes with the target's own pose, and the mode {options.mode} takes the source's",
            "choose --mode face or --mode expression",
        )
    if paste and options.background != PLATE:
        raise UserError("--paste keeps the target's own background", "leave out --background")
    if options.background not in (PLATE, TRANSPARENT) and colour(options.background, 2) is None:
        next(iter(pictures(Path(options.background), 25.0)))


@dataclass(frozen=True)
class Reenactment:
    """A driven person, not drawn yet.

    Attributes:
        tracked: the source.
        rows: (T,) the person's own tracked frame whose pose each frame has; None when the pose is the source's.
        frames: draws the frames, one after the other.
    """

    tracked: Tracked
    rows: np.ndarray | None
    frames: Iterator[Drawn]


def prepare(clip: SourceClip, person: Person, options: Options) -> Reenactment:
    """Track the source and move its motion to the person.

    Raises:
        Rejected: the source has no face.
    """
    card = person.card
    tracker = Tracker(person.head_model, card.frames, card.tracking)
    enough = None if options.frames is None else max(options.frames, TRACKED)
    tracked = tracker(lambda: itertools.islice(clip.frames(), enough), clip.fps, _bar(clip, enough))
    tracked = tracked.first(options.frames)
    run, chosen = longest_run(person.segment), card.synthesize
    driven = drive(
        tracked.parameters, tracked.segment, clip.fps, part(person.parameters, run), card.fps, options.mode,
        chosen.scale, chosen.translation_sigmas, chosen.smooth_frames,
    )  # fmt: skip
    behind = _backgrounds(options.background, person, clip.fps)
    frames = draw(
        person.renderer(), person.head_model, driven.parameters, tracked.segment, behind, person.size,
        card.nmfc.region, card.nmfc.supersample,
    )  # fmt: skip
    return Reenactment(tracked, None if driven.own is None else run.start + driven.own, frames)


def write(clip: SourceClip, person: Person, options: Options, output: Path) -> int:
    """Write the video.

    Args:
        clip: the source.
        person: the target.
        options: what the user wants.
        output: .mp4, .webm or .mov.

    Returns:
        How many of its frames have no face: the pose is interpolated there.

    Raises:
        Rejected: the source has no face.
        UserError: the output cannot be written, ...
    """
    check(options, output, options.paste is not None)
    made = prepare(clip, person, options)
    seen, alpha = made.tracked.seen, options.background == TRANSPARENT
    sound = clip.path if clip.sound else None
    with ExitStack() as stack:
        finish: Finish = lambda _, drawn: drawn.picture  # noqa: E731
        if options.paste is not None:
            assert made.rows is not None
            finish = stack.enter_context(_pasting(*options.paste, person, made.rows))
        film = stack.enter_context(
            SyntheticVideo(
                output, clip.fps, record(clip.path, person, options.mode), audio=sound, alpha=alpha, label=options.label
            )
        )
        both = zip(clip.frames(), made.frames, strict=False)
        for t, (source, drawn) in enumerate(tqdm(both, f"{output.name}: drawing", len(seen), unit="frame")):
            face = bx.cut_out(source, made.tracked.crop, SHOWN)
            film.append(arrange(options.layout, face, drawn.nmfc, drawn.gaze, finish(t, drawn)))
    return int((~seen).sum())


@contextmanager
def _pasting(artifact: Path, videos: Path, person: Person, rows: np.ndarray) -> Iterator[Finish]:
    """Puts frame t's face into the person's full frame `rows[t]`."""
    with own_frames(artifact, videos, np.unique(rows)) as own:
        true = iterate_sequence(
            person.head_model, **vars(part(person.parameters, rows)), size=person.size, region=person.card.nmfc.region,
            supersample=person.card.nmfc.supersample,
        )  # fmt: skip

        def finish(t: int, drawn: Drawn) -> np.ndarray:
            full, crop = own.pictures[int(rows[t])], own.crops[rows[t]]
            patch = composite(drawn.frame, drawn.mask, bx.cut_out(full, crop, person.size))
            return paste_back(full, crop, patch, face_mask(drawn.nmfc, next(true).nmfc))

        yield finish


def _backgrounds(wanted: str, person: Person, fps: float) -> Iterable[np.ndarray | None]:
    """What is behind the person in every frame."""
    if wanted == TRANSPARENT:
        return itertools.repeat(None)
    plain = person.plate if wanted == PLATE else colour(wanted, person.size)
    if plain is not None:
        return itertools.repeat(plain)
    return (cover(picture, person.size) for picture in pictures(Path(wanted), fps))


def record(source: Path, person: Person, mode: str) -> Record:
    """What a video's Content Credentials say of a person driven by a source."""
    driver = Ingredient("source", clip_sha256(source), source.name)
    return driven_record(person.card, f"{person.name} driven by {source.name}", mode, driver)


def _bar(clip: SourceClip, most: int | None) -> Progress:
    total = clip.promised if most is None or clip.promised is None else min(clip.promised, most)
    return lambda what, frames: tqdm(frames, f"{clip.path.name}: {what}", total, unit="frame", leave=False)
