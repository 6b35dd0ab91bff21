"""`h2h verdict`: who was left out of a run, why, and what to do about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from h2h import layout
from h2h.config import load_params
from h2h.errors import UserError
from h2h.io.atomic import write_json
from h2h.io.cards import read_card


def rejections(cards: list[dict[str, Any]], problems: dict[str, str]) -> list[dict[str, str]]:
    """Gather who was left out.

    Args:
        cards: the cards of all artifacts; a rejection is passed on from stage to stage, so many cards
            may tell of the same one.
        problems: entry of the people's folder -> why it cannot be a person.

    Returns:
        One entry a rejection (`name`, `at`, `reason`, `remedy`), sorted.
    """
    found = {(entry, "names", problem, "") for entry, problem in problems.items()}
    for card in cards:
        if card["status"] == "rejected":
            name = card["reason"].partition(":")[0]  # whom the first stage rejected
            found.add((name, card["at"], card["reason"], card["remedy"]))
    return [dict(zip(("name", "at", "reason", "remedy"), entry, strict=True)) for entry in sorted(found)]


@click.command()
@click.option("--scope", required=True, type=click.Choice(["quickstart", "all", "all_full"]), help="which run")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="the card to write if nobody was")
def command(scope: str, output: Path) -> None:
    """Say who was left out of a run, why, and what to do about it (the workflow's last job).

    If anybody was, the exit code is 1 and nothing is written.
    """
    params = load_params()
    who, paths = layout.cast(params), layout.Layout(params.profile.work, params.profile.reports)
    cards = [Path(paths.card(*job)) for job in layout.telling(who, layout.goal_of(params, who, scope))]
    if lacking := [card for card in cards if not card.exists()]:
        raise UserError(f"the run has not finished: {lacking[0]} is not there", f"run `snakemake {scope}`")
    entries = rejections([read_card(card) for card in cards], who.problems)
    for entry in entries:
        click.echo(f"left out by {entry['at']}: {entry['reason']}", err=True)
        if entry["remedy"]:
            click.echo(f"  What to do: {entry['remedy']}", err=True)
    if entries:
        click.echo("Everything else is finished. Mend these and run the same command again.", err=True)
        sys.exit(1)
    write_json(output, {"stage": "verdict", "name": output.stem, "status": "done"})
