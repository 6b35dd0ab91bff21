"""`h2h study tables`: the user study's tables from the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from h2h.config import load_params, read_yaml
from h2h.errors import UserError

if TYPE_CHECKING:
    from h2h.io.study_folder import StudyFolder
    from h2h.study.plan import Plan
    from h2h.study.result import Pool

PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("results", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="where the tables go [FOLDER/tables]")
def command(folder: Path, results: tuple[Path, ...], output: Path | None) -> None:
    """Make the tables of the study in FOLDER from what its server received, and from RESULTS (files of participants).

    Writes study.md and a CSV file for each table. A result that is malformed, of another study or there twice is
    refused, and no table is made until it is taken away.
    """
    from h2h.io.atomic import replacing, write_text
    from h2h.io.study_folder import StudyFolder
    from h2h.study.load import load_key, load_plan
    from h2h.study.markdown import TITLES, as_markdown
    from h2h.study.tables import study_tables

    study = StudyFolder(folder)
    plan = load_plan(study)
    key = load_key(study, plan)
    found = gather(study, plan, results)
    params = load_params()
    tables = study_tables(plan, key, found.results, params.evaluate.bootstrap, params.seed) if found.results else {}
    text = as_markdown(tables, len(found.results), read_yaml(PUBLISHED)["h2h"])
    output = output or study.path / "tables"
    for name in TITLES:
        file = output / f"{name}.csv"
        if name in tables:
            with replacing(file) as temporary:
                tables[name].to_csv(temporary, index=False, float_format="%.4f")
        else:
            file.unlink(missing_ok=True)  # of answers that were there before
    write_text(output / "study.md", text)
    click.echo(text)


def gather(study: StudyFolder, plan: Plan, files: tuple[Path, ...]) -> Pool:
    """All results, from the server's file and from participants' files.

    Raises:
        UserError: naming every result that cannot be counted, and why.
    """
    from h2h.io.answers import Answers
    from h2h.study.result import LARGEST, BadResult, Pool, read_result

    pool, refused = Pool(), []
    received = [(f"{study.answers}: {name}", content.encode()) for name, content in Answers(study.answers).contents()]
    for where, content in received:
        try:
            pool.add(read_result(content, plan), where)
        except BadResult as error:
            refused.append(f"{where}: {error}")
    for file in files:
        try:
            with open(file, "rb") as opened:
                content = opened.read(LARGEST + 1)
            pool.add(read_result(content, plan), str(file))
        except BadResult as error:
            refused.append(f"{file}: {error}")
        except OSError as error:
            refused.append(f"{file}: it cannot be read: {error.strerror}")
    if refused:
        raise UserError("these results are refused:\n  " + "\n  ".join(refused), "take them away and run it again")
    return pool
