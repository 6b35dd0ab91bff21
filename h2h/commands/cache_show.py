"""`h2h cache show FILE`: what is in an HDF5 artifact, and a contact sheet of its pictures."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.commands.kinds import PngFile
from h2h.errors import UserError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", type=PngFile(), help="contact sheet to write (default: FILE.png)")
@click.option("--frames", "count", type=click.IntRange(1, 40), default=8, show_default=True, help="frames shown")
def command(file: Path, sheet: Path | None, count: int) -> None:
    """Print what is in FILE (any HDF5 artifact) and write a contact sheet of its pictures."""
    import h5py

    from h2h.evaluation import pictures
    from h2h.io.atomic import replacing
    from h2h.io.cards import is_rejected, read_card
    from h2h.io.h5 import attributes, reading

    if not file.exists():
        raise UserError(f"{file} is missing", "run snakemake stage_cache, or name another file")
    if is_rejected(file):
        card = read_card(file)
        raise UserError(f"{file.stem} was rejected by the stage {card['at']}: {card['reason']}", card["remedy"])
    rows = {}
    with reading(file) as opened:
        click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
        for key, value in attributes(opened).items():
            click.echo(f"  {key} = {value}")

        def visit(name: str, item: object) -> None:
            if not isinstance(item, h5py.Dataset):
                return
            stored = item.id.get_storage_size()
            packed = f", {item.nbytes / max(stored, 1):.1f}x by {item.compression}" if item.compression else ""
            click.echo(f"  {name:24} {item.dtype!s:10} {item.shape!s:24} chunks {item.chunks}{packed}")
            if item.dtype == "uint8" and item.ndim in (3, 4) and len(item):
                rows[name] = [item[i] for i in pictures.evenly(len(item), count)]

        opened.visititems(visit)
    if rows:
        target = sheet or file.with_suffix(".png")
        with replacing(target) as temporary:
            temporary.write_bytes(pictures.to_png(pictures.grid(rows, side=128, label_width=110)))
        click.echo(f"contact sheet: {target}")
