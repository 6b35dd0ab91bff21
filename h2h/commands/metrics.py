"""`h2h metrics`: the tables' numbers in one file, as `dvc metrics show` and the page read them."""

from __future__ import annotations

from pathlib import Path

import click

from h2h.io.atomic import write_json
from h2h.io.cards import read_card


@click.command()
@click.option("--output", required=True, type=click.Path(path_type=Path), help="the file to write, JSON")
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(output: Path, tables: tuple[Path, ...]) -> None:
    """Gather the numbers of TABLES (CSV files of the stage tables): table, person, experiment, metric.

    What other people drive is in TABLE_transfers, what a forgery detector says in TABLE_detector.
    """
    summaries = {table.stem: read_card(table)["summary"] for table in tables}
    found = {name: summary["scores"] for name, summary in summaries.items()}
    driven = {f"{name}_transfers": one["transfers"] for name, one in summaries.items() if "transfers" in one}
    judged = {f"{name}_detector": one["detector"] for name, one in summaries.items() if "detector" in one}
    write_json(output, found | driven | judged)
