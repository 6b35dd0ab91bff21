"""`h2h import`: people of a collection, a person's bundle, or an initialisation bundle."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.commands.kinds import FiniteRange
from h2h.config import load_params
from h2h.config.base import check_name
from h2h.errors import UserError
from h2h.layout import PEOPLE

SUFFIX, PERSON_SUFFIX = ".h2hinit", ".h2hperson"
ENOUGH = 1.5  # times the seconds that the frames stage keeps: some frames will be unusable


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--videos", type=click.Path(path_type=Path), help="the folder where you have the collection's videos")
@click.option("--as", "prefix", default="", metavar="NAMEPREFIX", help="put this before every person's name")
@click.option("--limit", type=click.IntRange(1), help="at most so many people")
@click.option(
    "--seconds",
    type=FiniteRange(1),
    help="of video a person [default: what frames.max_frames needs, and half as much again]",
)
@click.option("--dry-run", is_flag=True, help="say what would be done, write nothing")
@click.option("--identities", type=click.Path(path_type=Path), default=PEOPLE, show_default=True)
def command(
    source: Path,
    videos: Path | None,
    prefix: str,
    limit: int | None,
    seconds: float | None,
    dry_run: bool,
    identities: Path,
) -> None:
    """Take in people of a collection, or a person or an initialisation that somebody shared.

    \b
    h2h import vox2/txt --videos vox2/mp4 --limit 480     people for the initialisation
    h2h import HDTF --videos my_videos --dry-run          what would be cut, and what is missing
    h2h import franck.h2hperson                           a trained person, for `h2h reenact` and `h2h live`
    h2h import ours.h2hinit                               a network: a newcomer only fine-tunes

    A collection is a folder with the lists of VoxCeleb1, VoxCeleb2 or HDTF, or a vox-metadata.csv. Nothing is
    downloaded: --videos names the folder where the videos are, called by their YouTube id (`ID.mp4`, `TITLE [ID].mkv`)
    or as the collection calls them (VoxCeleb2's PERSON/VIDEO/00001.mp4, HDTF's Radio11.mp4 or Radio11_0.mp4). Each
    listed span is cut, with room around the face, into data/identities/NAME/clip_*.mp4; identity.yaml gives the
    person the role train. A clip that cannot be cut is reported and left out. After a kill, run the same again.

    A .h2hinit file, which `h2h export --init` made, is checked in every part; nothing in it is run. It goes into
    models/, and pretrain.imported in params.yaml names it: then `snakemake` takes its network instead of training one.

    A .h2hperson file, which `h2h export NAME` made, is checked likewise and goes into people/ under the person's name.
    """
    if source.suffix == PERSON_SUFFIX:
        if videos is not None or limit is not None or seconds is not None:
            raise UserError(f"{source} is a person, not a collection", "leave out all but --as and --dry-run")
        from h2h.commands.install_person import install_person

        for line in install_person(source, prefix, dry_run):
            click.echo(line)
        return
    if source.suffix == SUFFIX:
        if videos is not None or prefix or limit is not None or seconds is not None:
            raise UserError(f"{source} is an initialisation, not a collection", "leave out all but --dry-run")
        from h2h.commands.install import install

        for line in install(source, load_params(), dry_run):
            click.echo(line)
        return
    if videos is None:
        raise UserError(
            "--videos is missing", "name the folder where you have the collection's videos; none are downloaded"
        )
    try:
        check_name(f"{prefix}x")
    except ValueError as error:
        raise UserError(f"--as {prefix!r}: {error}", "take letters, digits, '_' and '-'") from None
    _import_people(source, videos, prefix, limit, seconds, dry_run, identities)


def _import_people(
    source: Path,
    videos: Path,
    prefix: str,
    limit: int | None,
    seconds: float | None,
    dry_run: bool,
    identities: Path,
) -> None:
    from h2h.collections.detect import find_collection
    from h2h.collections.make import Made, make_person
    from h2h.collections.plan import make_plan
    from h2h.collections.videos import Videos

    frames = load_params().frames
    collection = find_collection(source)
    longest = seconds or ENOUGH * frames.max_frames / frames.fps
    plan = make_plan(collection, Videos(videos), prefix, limit, longest, frames.min_frames / frames.fps)
    clips = sum(len(person.clips) for person in plan.people)
    click.echo(f"{collection.title}: {len(plan.people)} people, {clips} clips; {len(plan.missing)} videos are missing")
    made = Made()
    if dry_run:
        for person in plan.people:
            click.echo(f"  {person.name}: {len(person.clips)} clips, {person.seconds:.0f} s")
    else:
        from tqdm import tqdm

        with tqdm(total=clips, unit="clip", disable=not clips) as progress:
            for person in plan.people:
                progress.set_description(person.name)
                make_person(person, collection, identities, made, progress.update)
        click.echo(f"{made.people} people in {identities}: {made.written} clips cut, {made.kept} were there already")
    problems = plan.problems + made.problems
    for line in problems:
        click.echo(f"  left out: {line}", err=True)
    if problems:
        click.echo(f"{len(problems)} left out", err=True)
    if not plan.people or not (dry_run or made.people):
        some = ", ".join(repr(video) for video in sorted(plan.missing)[:3])
        raise UserError(
            f"nobody of {collection.title} could be imported" + (f"; there is no file for {some}" if some else ""),
            f"put the videos into {videos}, called by their YouTube id or as the collection calls them",
        )
