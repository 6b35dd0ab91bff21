"""Stage figure_page: pictures and numbers that stand for a figure of the papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Params, Sections, load_params
from h2h.stages import figure_pictures
from h2h.stages.cycle_section import there_and_back
from h2h.stages.page_data import Site, keep_only, labels_of, link, published_results, read_table, save


def run(
    name: str, output: Path, cfg: Sections, *, work: Path, reports: Path, made: list[Path] | None = None
) -> dict[str, Any]:
    """Write a figure's page from the frames that are --made and its table's numbers.

    --made are EXPERIMENT.TARGET.SOURCE of synthesize, or of a cycle EXPERIMENT.X.Y of round_trip.
    """
    from h2h.pages.heading import heading
    from h2h.pages.published_numbers import published_numbers
    from h2h.pages.templating import render

    params, site = load_params(), Site.of(reports)
    figure, page, labels = params.figures[name], site.figure(name), labels_of(params)
    folder = page.with_suffix("")
    shown = _pictures(name, made or [], work, folder, params, cfg.network.mouth_crop)
    keep_only(folder, [one["file"] for one in shown])
    text = render(
        "figure.html",
        root=site.up(page),
        section="figures",
        title=heading(name),
        profile=params.profile.name,
        heading=heading(name),
        figure=figure,
        shown=shown,
        folder=link(folder, page),
        table=_scores(name, site, params),
        cycles=there_and_back(figure.table, site, labels) if figure.shows == "cycle" else None,
        about=(heading(figure.table), link(site.table(figure.table), page)),
        published=published_numbers(published_results(), figure.published),
    )
    output.write_text(text, encoding="utf-8")
    return {"table": figure.table, "pictures": len(shown), "frames": [path.stem for path in made or []]}


def _pictures(
    name: str, made: list[Path], work: Path, folder: Path, params: Params, crop: float
) -> list[dict[str, Any]]:
    """A picture for every person, of driven ones for every pair, with the experiments below each other."""
    figure, labels, found = params.figures[name], labels_of(params), []
    groups: dict[tuple[str, str], dict[str, Path]] = {}
    for path in made:
        experiment, person, other = path.stem.split(".")
        groups.setdefault((person, other), {})[labels[experiment]] = path
    for (person, other), paths in groups.items():
        if figure.shows == "held_out":
            rows, frames = figure_pictures.held_out(person, paths, figure, work, crop)
        elif figure.shows == "masks":
            rows, frames = figure_pictures.masks(person, paths, work)
        elif figure.shows == "driven":
            rows, frames = figure_pictures.driven(other, paths, work)
        else:
            rows, frames = figure_pictures.cycle(person, other, next(iter(paths.values())), work)
        told = person if person == other else f"{person}, driven by {other}"
        told = f"{person}, by way of {other}" if figure.shows == "cycle" else told
        file = person if person == other else f"{person}.{other}"
        found.append({"who": told, **figure_pictures.files(folder, file, rows, frames, save)})
    return found


def _scores(name: str, site: Site, params: Params) -> Any:
    """The figure's numbers: some rows and columns of its table, or of the heads that others drive."""
    from h2h.pages.score_rows import score_table_of

    figure = params.figures[name]
    if figure.shows == "cycle":
        return None
    driven = figure.shows == "driven"
    path = site.tables / (f"{figure.table}_transfers.csv" if driven else f"{figure.table}.csv")
    if not path.exists():
        return None
    measured = read_table(path)
    if driven:
        measured["person"] = measured["target"] + ", driven by " + measured["source"]
    measured = measured[measured["experiment"].isin(figure.rows)]
    return score_table_of(measured, labels_of(params), order=figure.metrics)
