"""`h2h study build`: a page on which people rate real and synthesised clips."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from h2h.commands.kinds import FiniteRange
from h2h.config import load_params
from h2h.config.experiments import REENACTING
from h2h.errors import UserError

if TYPE_CHECKING:
    from h2h.io.study_folder import StudyFolder
    from h2h.stages.study_clips import Clips, Film
    from h2h.study.plan import Plan


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="a new folder")
@click.option("--work", type=click.Path(path_type=Path), help="folder of artifacts [the profile's]")
@click.option("--method", default=REENACTING, show_default=True, help="the experiment whose films are rated")
@click.option(
    "--against", multiple=True, help="baselines of the second part [the first experiment of each other method]"
)
@click.option("--person", "people", multiple=True, help="whose films, may be given several times [everybody's]")
@click.option("--seconds", default=5.0, show_default=True, type=FiniteRange(0.2, 60), help="length of a clip")
@click.option("--clips", default=1, show_default=True, type=click.IntRange(1, 20), help="of each film, at most")
@click.option("--about", default="", help="who asks and whom to write to, for the first page")
def command(
    output: Path,
    work: Path | None,
    method: str,
    against: tuple[str, ...],
    people: tuple[str, ...],
    seconds: float,
    clips: int,
    about: str,
) -> None:
    """Build a user study from the synthesised films (Head2Head, IV.E).

    \b
    h2h study build -o study --about "Ann, University of X, ann@x.example"
    h2h study serve study          or send study/page as it is: it works from a file
    h2h study tables study

    In the first part people rate clips from 1 (absolutely fake) to 5 (absolutely real): clips of the method's films,
    and as many real ones of the same people. In the second they see a driving clip with two results, the method's and
    another one's of the same motion, and choose which follows the movements better. Order and sides are random for
    each participant.

    The folder `page` is for the participants. `key.json`, beside it, says which clip is what: keep it to yourself.
    """
    from h2h.io.study_folder import StudyFolder
    from h2h.stages.study_clips import Clips, films

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UserError(f"{output} is there already", "answers belong to one study: name a new folder")
    params = load_params()
    if method not in params.experiments or not set(against) <= set(params.experiments) - {method}:
        raise UserError(f"params.yaml has no experiments {', '.join([method, *against])}, each once", "name others")
    plain = {one.method: name for name, one in reversed(params.experiments.items())}  # the first entry of each method
    baselines = against or [name for kind, name in plain.items() if kind != params.experiments[method].method]
    work = work or Path(params.profile.work)
    found = [film for film in films(work, params.synthesize.background) if not people or film.target in people]
    rated = [film for film in found if film.method == method]
    if not rated:
        raise UserError(
            f"{work}/synthesize has no film of {method}" + f" that shows {' or '.join(people)}" * bool(people),
            "make the table that has it (`snakemake all`: those of params.yaml), or name another --method or --person",
        )
    output = output.absolute()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as scratch:
        folder = StudyFolder(Path(scratch) / "study")
        (folder.page / "clips").mkdir(parents=True)
        made = Clips(folder.page / "clips", seconds)
        rivals = [film for film in found if film.method in baselines]
        plan = _make(made, rated, rivals, clips, about)
        _write(folder, plan, made)
        if output.exists():
            output.rmdir()
        os.replace(folder.path, output)
    real = sum(made.key[one.clip].real for one in plan.ratings)
    click.echo(
        f"{output.name}/page/index.html: {len(plan.ratings)} clips to rate ({real} real), "
        f"{len(plan.preferences)} comparisons; study {plan.study}\n"
        f"{output.name}/key.json says which is which: do not give it to participants"
    )


def _make(made: Clips, rated: Sequence[Film], others: Sequence[Film], count: int, about: str) -> Plan:
    """Write all clips.

    Raises:
        UserError: no film is long enough.
    """
    from h2h.study.plan import make_plan

    ratings, comparisons, used = [], [], {}
    for film in rated:
        starts, length = made.starts(film, count)
        if not starts:
            click.echo(f"{film.path.stem} is left out: it has no {made.seconds:g} s without a cut")
            continue
        used.setdefault(film.target, []).append((film, len(starts)))
        for first in starts:
            ours = made.synthesised(film, first, length)
            ratings.append(ours)
            rivals = [other for other in others if other.motion == film.motion]
            if rivals:
                driving = made.driving(film, first, length)
                theirs = [made.synthesised(other, first, length, baseline=True) for other in rivals]
                comparisons += [(driving, ours, clip) for clip in theirs]
    if not ratings:
        raise UserError(f"no film is {made.seconds:g} s long without a cut", "ask for shorter clips: --seconds")
    for shown in used.values():
        ratings += made.others([film for film, _ in shown], sum(number for _, number in shown))
    return make_plan(made.hashes, ratings, comparisons, about, _credits(made))


def _credits(made: Clips) -> list[str]:
    from h2h.io.person_folder import identity_file

    people = sorted({name for shown in made.key.values() for name in (shown.person, shown.source) if name})
    said = {name: identity_file(name) for name in people}
    return [
        f"{name}: {one.credit or 'no credit given'}; {one.licence or 'licence not stated'}"
        for name, one in said.items()
    ]


def _write(folder: StudyFolder, plan: Plan, made: Clips) -> None:
    from h2h.io.atomic import write_json, write_text
    from h2h.study.page import render
    from h2h.study.plan import Key

    write_text(folder.page / "index.html", render(plan))
    write_json(folder.plan, plan.as_json())
    write_json(folder.key, Key(study=plan.study, clips=made.key).model_dump(mode="json"))
