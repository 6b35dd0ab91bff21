"""Stage tables: gather the scores into the papers' tables and metrics.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections, load_params, read_yaml
from h2h.io.atomic import write_json, write_text
from h2h.io.cards import read_card

PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"


def run(name: str, output: Path, cfg: Sections, *, evaluations: list[Path], metrics: Path) -> dict[str, Any]:
    """Table 1 as CSV (the output) and Markdown beside it, and every number in `metrics`.

    People who were rejected have no row.
    """
    from h2h.evaluation import table1
    from h2h.stages.differences import what_differs

    scores = {}
    for path in evaluations:
        method, person = path.stem.split(".")
        scores[person, method] = read_card(path)["summary"]
    measured = table1.rows(scores)
    people = sorted({person for person, _ in scores})
    sentence = what_differs(load_params(), people, sorted(set(measured["features"])))
    measured.to_csv(output, index=False)
    text = table1.markdown(measured, table1.published(read_yaml(PUBLISHED)), sentence)
    write_text(metrics.parent / "tables" / f"{name}.md", text)
    write_json(metrics, table1.metrics(scores))
    return {"rows": len(measured), "people": people}
