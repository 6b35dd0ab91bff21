"""`h2h flow check DIR`: what is wrong with a folder of 4D scans, and where."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.config.base import escaped_line
from h2h.errors import UserError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--most", type=click.IntRange(1), default=50, show_default=True, help="faults shown")
@click.option("--packed", is_flag=True, help="only the sequences that the stage takes with this project's parameters")
def command(folder: Path, most: int, packed: bool) -> None:
    """Read the collection of 4D scans in FOLDER as the stage flow_data does, and list its faults."""
    from tqdm import tqdm

    from h2h.config import load_params
    from h2h.io.scan_folder import find_sequences
    from h2h.stages.flow_data import chosen_sequences
    from h2h.stages.scan_check import check_collection, check_sequences

    if packed:
        sequences, _ = chosen_sequences(folder, load_params().flow_data)
        faults = check_sequences(sequences)
    else:
        sequences, faults = None, check_collection(folder)
    count = 0
    for count, fault in enumerate(faults, 1):
        if count <= most:
            tqdm.write(str(fault))  # on stdout, above the progress bar
    if count > most:
        click.echo(f"... and {count - most} more")
    if count:
        raise UserError(f"faults in {folder}: {count}", "mend them; docs/flow_data.md describes the layout")
    sequences = find_sequences(folder) if sequences is None else sequences
    subjects = len({sequence.subject for sequence in sequences})
    pairs = sum(len(sequence.pairs()) for sequence in sequences)
    shown = escaped_line(str(folder))
    click.echo(f"{shown}: no fault; subjects: {subjects}, sequences: {len(sequences)}, pairs of frames: {pairs}")
