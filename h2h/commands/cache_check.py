"""`h2h cache check`: which artifacts are damaged, by the checksums on their cards."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.cards import is_damaged, remove_damaged

SUFFIXES = (".h5", ".safetensors")


def find_damaged(work: Path) -> tuple[int, list[Path]]:
    """Compare every artifact with its card.

    Args:
        work: folder of the artifacts.

    Returns:
        How many artifacts there are, and the files that are damaged: artifacts, and cards that cannot be read.
    """
    found, count = [], 0
    for path in sorted(file for suffix in SUFFIXES for file in work.glob(f"*/*{suffix}")):
        if path.name.startswith("."):
            continue
        count += 1
        try:
            damaged = is_damaged(path)
        except UserError:
            path, damaged = path.with_suffix(".json"), True
        found += [path] * damaged
    return count, found


@click.command()
@click.option("--remove", is_flag=True, help="remove what is damaged; the next run makes it again")
def command(remove: bool) -> None:
    """Read all artifacts of the profile in force and compare their checksums with their cards."""
    work = Path(load_params().profile.work)
    count, found = find_damaged(work)
    for path in found:
        if remove:
            remove_damaged(path)
        click.echo(f"damaged{', removed' if remove else ''}: {path}")
    click.echo(f"{count} artifacts in {work}, {len(found)} damaged")
    if found:
        remedy = "" if remove else "`h2h cache check --remove`, then "
        click.echo(f"What to do: {remedy}`snakemake all` makes them again (`all_full` those of its tables)")
        sys.exit(1)
