"""`h2h flow check DIR`: what is wrong with a folder of 4D scans, and where."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.errors import UserError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="faults shown")
def command(folder: Path, most: int) -> None:
    """Read the collection of 4D scans in FOLDER as the stage flow_data does, and list its faults."""
    from h2h.io.scan_folder import find_sequences
    from h2h.stages.scan_check import check_collection

    count = 0
    for count, fault in enumerate(check_collection(folder), 1):
        if count <= most:
            click.echo(fault)
    if count > most:
        click.echo(f"... and {count - most} more")
    if count:
        raise UserError(f"faults in {folder}: {count}", "mend them; docs/flow_data.md describes the layout")
    sequences = find_sequences(folder)
    subjects = len({sequence.subject for sequence in sequences})
    pairs = sum(len(sequence.pairs()) for sequence in sequences)
    click.echo(f"{folder}: no fault; subjects: {subjects}, sequences: {len(sequences)}, pairs of frames: {pairs}")
