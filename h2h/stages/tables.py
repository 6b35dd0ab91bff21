"""Stage tables: gather the scores into one of the papers' tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections, load_params, read_yaml
from h2h.config.experiments import labels, repeats
from h2h.io.atomic import write_text
from h2h.io.cards import read_card

PUBLISHED = Path(__file__).parents[1] / "evaluation" / "data" / "published_results.yaml"
PARTS = ("transfers", "cycles", "detector", "detector_crossed")  # NAME_PART.csv


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    evaluations: list[Path],
    markdown: Path,
    transfers: list[Path] | None = None,
    detector: list[Path] | None = None,
    cycles: list[Path] | None = None,
) -> dict[str, Any]:
    """A table of `tables` in params.yaml (its name is --name) as CSV (the output) and Markdown.

    People who were rejected have no row. What is more than scores stands below the table in the Markdown, and in files
    of its own: with --transfers what other people drive, in NAME_transfers.csv; with --cycles (EXPERIMENT.X.Y) what
    came back, in NAME_cycles.csv; with --detector the automated study, in NAME_detector.csv, and what detectors that
    know one method say, in NAME_detector_crossed.csv. A file that the table no longer has is removed: pages read
    whatever is there.
    """
    from h2h.evaluation import cycle_table, detection_table, score_table, score_text, transfer_table
    from h2h.evaluation.published_settings import setting_of
    from h2h.evaluation.repeats import chosen
    from h2h.stages.differences import what_differs

    params = load_params()
    table = params.tables[name]
    found = {}
    for path in evaluations:
        experiment, person = path.stem.split(".")
        found[person, experiment] = read_card(path)["summary"]
    measured = score_table.rows(found, table.rows, repeats(params.experiments))
    people = sorted({person for person, _ in found})
    sentence = what_differs(params, name, people, sorted({scores["features"] for scores in found.values()}))
    if note := chosen(table.rows):
        sentence += f"\n\n{note}"
    measured.to_csv(output, index=False)
    paper = score_table.published(read_yaml(PUBLISHED), table.published)
    names = labels(params.experiments)
    text = score_text.markdown(table.title, measured, names, paper, sentence, setting_of(table.published))
    summary = {"rows": len(measured), "people": people, "scores": score_table.scores(measured)}
    for part in (f"{name}_{part}" for part in PARTS):  # those of this run are written below
        if part not in params.tables:
            markdown.with_name(f"{part}.csv").unlink(missing_ok=True)
    driven = {}
    for path in transfers or ():
        experiment, target, source = path.stem.split(".")
        driven[target, source, experiment] = read_card(path)["summary"]
    if driven:
        rows = transfer_table.rows(driven, table.experiments)
        write_text(markdown.with_name(f"{name}_transfers.csv"), rows.to_csv(index=False))
        text += "\n" + transfer_table.markdown(rows, names)
        summary["transfers"] = transfer_table.scores(rows)
    there_and_back = {}
    for path in cycles or ():
        experiment, person, partner = path.stem.split(".")
        there_and_back[person, partner, experiment] = read_card(path)["summary"]
    if there_and_back:
        rows = cycle_table.rows(there_and_back, found)
        write_text(markdown.with_name(f"{name}_cycles.csv"), rows.to_csv(index=False))
        text += "\n" + cycle_table.markdown(rows, names, cycle_table.published(read_yaml(PUBLISHED)))
        summary["cycles"] = cycle_table.scores(rows)
    for path in detector or ():
        study = read_card(path)["summary"]
        rows = detection_table.rows(study["judged"], table.experiments)
        crossed = detection_table.crossed(study["one_kind"], table.experiments)
        write_text(markdown.with_name(f"{name}_detector.csv"), rows.to_csv(index=False))
        write_text(markdown.with_name(f"{name}_detector_crossed.csv"), crossed.to_csv())
        paper = detection_table.published(read_yaml(PUBLISHED))
        text += "\n" + detection_table.markdown(rows, crossed, names, paper)
        summary["detector"] = detection_table.scores(rows)
    write_text(markdown, text)
    return summary
