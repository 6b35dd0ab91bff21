"""`h2h verify FILE`: what a video's Content Credentials say."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.errors import UserError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Say in plain words who made FILE, from what, and whether it was altered afterwards."""
    from h2h.io.credentials import read_credentials

    if not file.exists():
        raise UserError(f"{file} is missing", "name a video")
    found = read_credentials(file)
    generator = found["generator"]
    click.echo(f"{file}: {found['title']}")
    click.echo(f"  made by {generator['name']} {generator.get('version', '')}")
    click.echo("  synthesised by a trained model" if found["synthetic"] else "  not declared as synthesised")
    for name, digest in found["ingredients"].items():
        click.echo(f"  from {name}: SHA-256 {digest}")
    if not found["intact"]:
        raise UserError(f"{file} was altered after it was signed", "ask for the original")
    click.echo("  not altered since it was signed")
