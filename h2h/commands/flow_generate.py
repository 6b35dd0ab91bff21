"""`h2h flow generate DIR`: the open stand-in for 4DFAB as a folder of 4D scans, to look at and to try things on."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.errors import UserError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--head-model", type=click.Path(path_type=Path), help="[default: the profile's own]")
@click.option("--subjects", type=click.IntRange(1), default=2, show_default=True, help="people")
@click.option("--sequences", type=click.IntRange(1), default=1, show_default=True, help="sequences of each")
@click.option("--frames", type=click.IntRange(2), default=10, show_default=True, help="frames of each")
@click.option("--size", type=click.IntRange(16, 2048), default=256, show_default=True, help="pixels of a side")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="everything follows from it")
def command(
    folder: Path, head_model: Path | None, subjects: int, sequences: int, frames: int, size: int, seed: int
) -> None:
    """Render synthetic people before drawn backgrounds and write them as 4D scans into FOLDER (new or empty)."""
    from h2h.commands.own_head_model import own_head_model
    from h2h.stages.stand_in_folder import write_stand_in
    from h2h.tracking.head_model import load_head_model

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already, and not an empty folder", "name a new one")
    numbers = {"subjects": subjects, "held_out": 0, "sequences": sequences, "frames": frames}
    model = load_head_model(own_head_model(head_model))
    write_stand_in(folder, model, [], **numbers, size=size, supersample=2, seed=seed)
    click.echo(f"{folder}: written; subjects: {subjects}, sequences of each: {sequences}, frames of each: {frames}")
