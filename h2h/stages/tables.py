"""Stage tables: gather the scores into one of the papers' tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections, load_params, read_yaml
from h2h.config.experiments import labels, repeats
from h2h.io.atomic import write_text
from h2h.io.cards import read_card

PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"


def run(name: str, output: Path, cfg: Sections, *, evaluations: list[Path], markdown: Path) -> dict[str, Any]:
    """A table of `tables` in params.yaml (its name is --name) as CSV (the output) and Markdown.

    People who were rejected have no row.
    """
    from h2h.evaluation import score_table
    from h2h.stages.differences import what_differs

    params = load_params()
    table = params.tables[name]
    found = {}
    for path in evaluations:
        experiment, person = path.stem.split(".")
        found[person, experiment] = read_card(path)["summary"]
    measured = score_table.rows(found, table.rows, repeats(params.experiments))
    people = sorted({person for person, _ in found})
    sentence = what_differs(params, people, sorted({scores["features"] for scores in found.values()}))
    measured.to_csv(output, index=False)
    paper = score_table.published(read_yaml(PUBLISHED), table.published)
    write_text(markdown, score_table.markdown(table.title, measured, labels(params.experiments), paper, sentence))
    return {"rows": len(measured), "people": people, "scores": score_table.scores(measured)}
