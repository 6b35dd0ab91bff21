"""`h2h metrics`: the tables' numbers in one file, as `dvc metrics show` and the page read them."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.io.atomic import write_json
from h2h.io.cards import read_card


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="the file to write, JSON")
@click.argument("tables", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(output: Path, tables: tuple[Path, ...]) -> None:
    """Gather the numbers of TABLES (CSV files of the stage tables): table, person, experiment, metric.

    What other people drive is in TABLE_transfers, cycle reenactments are in TABLE_cycles, and what a forgery detector
    says in TABLE_detector.
    """
    summaries = {table.stem: read_card(table)["summary"] for table in tables}
    found = {name: summary["scores"] for name, summary in summaries.items()}
    for part in ("transfers", "cycles", "detector"):
        found |= {f"{name}_{part}": one[part] for name, one in summaries.items() if part in one}
    write_json(output, found)
