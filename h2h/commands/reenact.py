"""`h2h reenact SOURCE TARGET`: from two videos to a third."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from h2h import layout
from h2h.commands.kinds import FiniteRange
from h2h.config.experiments import REENACTING
from h2h.errors import Rejected, UserError
from h2h.reenactment.layouts import LAYOUTS
from h2h.reenactment.motion import MODES

if TYPE_CHECKING:
    from h2h.io.source_clip import SourceClip
    from h2h.person.person import Person
    from h2h.stages.new_person import NewPerson

CAMERA = "camera:"
FIRST = f"{REENACTING}.default"  # the multi-person network that new people start from
CYCLE = "cycle"
SUFFIXES = (".mp4", ".webm", ".mov")


@click.command()
@click.argument("source")
@click.argument("target")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="the video: .mp4, .webm or .mov [SOURCE-TARGET.mp4]"
)
@click.option(
    "--mode",
    type=click.Choice([*MODES, CYCLE]),
    default="head",
    show_default=True,
    help="what is transferred, see below",
)
@click.option(
    "--background", default="plate", show_default=True,
    help="plate (the target's own), transparent (.webm, .mov), black, white, green, #rrggbb, a picture or a video",
)  # fmt: skip
@click.option(
    "--layout", "arrangement", type=click.Choice([*LAYOUTS]), default="result", show_default=True, help="what is shown"
)
@click.option("--paste", is_flag=True, help="put the face back into the target's full frames (modes face, expression)")
@click.option("--label", is_flag=True, help="write 'AI-generated' into the picture")
@click.option("--seconds", type=FiniteRange(0.2), help="of the source, at most (camera: 10)")
@click.option("--frames", "shots", type=click.IntRange(50, 500), help="a new TARGET: frames to train on [params.yaml]")
@click.option("--minutes", type=FiniteRange(0.5), help="a new TARGET: about how long to train")
@click.option("--fps", type=FiniteRange(1, 120), default=25.0, show_default=True, help="of a folder of frames")
def command(
    source: str, target: str, output: Path | None, mode: str, background: str, arrangement: str, paste: bool,
    label: bool, seconds: float | None, shots: int | None, minutes: float | None, fps: float,
) -> None:  # fmt: skip
    """Drive TARGET's head with the motion in SOURCE.

    \b
    h2h reenact my.mp4 franck -o out.mp4           a fine-tuned person, or an imported bundle
    h2h reenact my.mp4 other.mp4 --frames 50       somebody new: pre-processed and fine-tuned first
    h2h reenact camera:0 franck --seconds 10       a camera; `h2h live` shows the result at once
    h2h reenact audun franck --layout diagnostic   the clip of a person in data/identities

    SOURCE is a video, a folder of frames, a person's name or a camera; TARGET a person's name, a bundle
    (.h2hperson) or a video. Rate, length and sound are the source's.

    \b
    head        pose, expression and gaze of the source
    face        expression and gaze, in the target's own pose
    expression  expression alone; pose and gaze are the target's own
    self        SOURCE shows the target: the motion as it is, but for mean size and place
    cycle       SOURCE, a fine-tuned person's name, drives TARGET, and the result drives SOURCE

    The video carries Content Credentials and an invisible mark that say how it was made (`h2h verify`).
    """
    from h2h.person.load import exported
    from h2h.person.person import Person
    from h2h.stages.reenact import Options, check, write

    output = output or Path(f"{_stem(source)}-{_stem(target)}.mp4")
    if output.suffix.lower() not in SUFFIXES:
        raise UserError(f"{output}: {output.suffix or 'no suffix'}", f"end its name in {', '.join(SUFFIXES)}")
    _check_writable(output, [source, target, background])
    once = Options(mode if mode != CYCLE else "head", background, arrangement, None, label, None)
    check(once, output, paste)
    with ExitStack() as stack:
        clip = _clip(source, seconds, fps, stack)
        limit = None if seconds is None else max(1, round(seconds * clip.fps))
        back = Person.load(source) if mode == CYCLE else None
        new = _trained(target, shots, minutes)
        person = Person.load(target if new is None else str(exported(new.params, new.name, new.videos)))
        if back is not None:
            middle = output.with_name(f"{output.stem}.{person.name}.mp4")
            write(clip, person, Options(frames=limit, label=label), middle)
            click.echo(f"{middle}: {person.name} driven by {source}")
            clip, person, limit = _clip(str(middle), None, fps, stack), back, None
        own = _own_frames(target, new, person) if paste else None
        options = Options(once.mode, background, arrangement, own, label, limit)
        try:
            lost = write(clip, person, options, output)
        except Rejected as error:
            raise UserError(f"{source}: {error.what}", error.remedy) from None
    held = f" ({lost} frames without a face: the motion is interpolated there)" if lost else ""
    click.echo(f"{output}: {person.name} driven by {clip.path.name}{held}")


def _check_writable(output: Path, read: Sequence[str | Path | None]) -> None:
    """Better now than after minutes of work; what is read, or true, is not overwritten."""
    place = output.resolve()
    if place.is_dir():
        raise UserError(f"{output} is a folder", "name a file with -o")
    if any(name is not None and Path(name).exists() and Path(name).resolve() == place for name in read):
        raise UserError(f"{output} is what is read", "choose another name with -o")
    if place.is_relative_to(layout.PEOPLE.resolve()):
        raise UserError(f"{output} would lie among the people's true clips", "choose another place with -o")
    try:
        output.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output.absolute().parent):
            pass
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}", "choose another place with -o") from error


def _clip(source: str, seconds: float | None, fps: float, stack: ExitStack) -> SourceClip:
    """The source: a camera's recording, a person's first clip, or a file or folder."""
    from h2h.io.source_clip import open_clip
    from h2h.io.video import find_clips
    from h2h.stages.camera import record

    if source.startswith(CAMERA):
        if not source.removeprefix(CAMERA).isdecimal():
            raise UserError(f"{source} is no camera", "write camera:0 for the first one")
        recording = Path(stack.enter_context(tempfile.TemporaryDirectory())) / f"{source.replace(':', '-')}.mkv"
        record(source.removeprefix(CAMERA), seconds or 10.0, recording)
        return open_clip(recording, fps)
    folder = layout.PEOPLE / source
    if not Path(source).exists() and folder.is_dir() and folder.parent == layout.PEOPLE:
        return open_clip(find_clips(folder)[0], fps)
    return open_clip(Path(source), fps)


def _trained(target: str, shots: int | None, minutes: float | None) -> NewPerson | None:
    """Train on TARGET first if it is a video."""
    from h2h.commands.plan import training_minutes
    from h2h.config import load_params
    from h2h.io.video import VIDEO_SUFFIXES
    from h2h.stages.new_person import make_person

    video = Path(target)
    if video.suffix.lower() not in VIDEO_SUFFIXES:
        if shots or minutes:
            raise UserError(f"{target} is trained already", "--frames and --minutes are for a TARGET that is a video")
        return None
    if not video.is_file():
        raise UserError(f"{video} is missing", "name a video, a fine-tuned person or a bundle")
    params = load_params().of_experiment(REENACTING)
    paths = layout.Layout(params.profile.work, params.profile.reports)
    needed = [("pretrain", FIRST), ("head_model", "head_model"), layout.flow_network(params)]
    pretrained, head_model, *flow = [Path(paths.artifact(*of)) for of in needed if of is not None]
    for path in (pretrained, head_model):
        if not path.exists():
            raise UserError(
                f"{path} is missing: a new person starts from the multi-person network",
                "make it with `snakemake quickstart`, or take one in with `h2h import FILE.h2hinit` and do that then",
            )
    if flow and not flow[0].exists():
        raise UserError(
            f"{flow[0]} is missing: flow.method is flownet2", f"run `snakemake {flow[0].with_suffix('.json')}`"
        )
    finetune = params.finetune.model_copy(update={"frames": shots} if shots else {})
    if minutes:
        epochs = finetune.epochs * minutes / training_minutes(params, finetune)
        finetune = finetune.model_copy(update={"epochs": round(epochs, 2)})
    click.echo(
        f"{video.name} is new: it is pre-processed (a minute or two) and fine-tuned on {finetune.frames} frames: "
        f"about {training_minutes(params, finetune):.0f} minutes on this machine's CPU"
    )
    return make_person(video, params.model_copy(update={"finetune": finetune}), pretrained, head_model, *flow)


def _own_frames(target: str, new: NewPerson | None, person: Person) -> tuple[Path, Path]:
    """The artifact of the stage frames that a person was trained on, and its videos."""
    from h2h.config import load_params
    from h2h.io.cards import read_card
    from h2h.person.load import PARAMS

    absent = UserError(
        f"--paste needs {person.name}'s own video, which is not here",
        "a bundle does not hold it: name a person of the project, or their video",
    )
    if new is None and not PARAMS.exists():
        raise absent
    params, name, videos = (load_params(), target, layout.PEOPLE / target) if new is None else new
    paths = layout.Layout(params.profile.work, params.profile.reports)
    frames, cache = (Path(paths.artifact(stage, name)) for stage in ("frames", "cache"))
    if not (frames.exists() and cache.exists() and videos.is_dir()):
        raise absent
    if read_card(cache)["sha256"] != person.card.made_from.cache:
        raise UserError(
            f"{person.name} was trained on other frames than those in {frames}",
            f"run `snakemake {paths.card('finetune', f'{REENACTING}.{name}')}`, or leave out --paste",
        )
    return frames, videos


def _stem(text: str) -> str:
    return (Path(text).stem if "." in text else text).replace(":", "-").replace("/", "-").strip("-") or "video"
