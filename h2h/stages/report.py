"""Stage report: the first page and those about data, environment and study; on demand every other page, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h import layout
from h2h.config import Sections, load_params
from h2h.io.h5 import reading
from h2h.stages.page_data import Site, done_cards, link, read_metrics, save
from h2h.stages.report_run import Run
from h2h.stages.report_scope import cast_of, experiments_of, figures_of, tables_of


def run(
    name: str, output: Path, cfg: Sections, *, metrics: Path, work: Path, reports: Path, scope: str = "all"
) -> dict[str, Any]:
    """Write index.html (the output), data.html, environment.html and study.html beside it, and the assets.

    --metrics is the file that the tables stage wrote. With --scope quickstart or all_full every other page is written
    here, too, in this one process, from the artifacts that the run asks for; in `all` each page is a job of its own.
    """
    from h2h.stages.report_assets import write_assets
    from h2h.stages.report_overview import overview_page
    from h2h.stages.report_pages import data_page, environment_page, study_page
    from h2h.stages.report_whole import write_pages

    params, site = load_params(), Site.of(reports, output.parent)
    goal, there = layout.goal_of(params, cast_of(params, scope), scope), read_metrics(metrics)
    tables = tuple(table for table in tables_of(params, scope) if table in there)
    experiments = tuple(experiments_of(params, goal.synthesized))
    about = Run(scope, site, work, metrics, params, cast_of(params, scope), goal, tables, experiments)
    if scope != "all":
        write_pages(about, cards=scope == "quickstart")
    flow = _flow(about)
    write_assets(site, _listed(about, bool(flow)))
    for title, page in (("data", data_page), ("environment", environment_page), ("study", study_page)):
        save(site.root / f"{title}.html", page(about))
    output.write_text(overview_page(about, flow), encoding="utf-8")
    return {
        "people": list(about.who.people),
        "tables": list(tables),
        "experiments": list(experiments),
        "films": [film.stem for film in about.films],
        "rejected": sorted(about.rejected),
        **({"flow": flow} if flow else {}),
    }


def _listed(run: Run, flow: bool) -> dict[str, list[tuple[str, str]]]:
    """The pages for the menu: group -> label and address from the first page."""
    from h2h.pages.heading import heading

    site, index = run.site, run.site.root / "index.html"
    first = [("Overview", "index.html"), ("Data and licences", "data.html"), ("Environment", "environment.html")]
    first += [("User study", "study.html")] + ([("Facial flow", "index.html#flow")] if flow else [])
    return {
        "Report": first,
        "Tables": [(heading(table), link(site.table(table), index)) for table in run.tables],
        "Figures": [
            (heading(name), link(site.figure(name), index))
            for name in figures_of(run.params, run.scope)
            if site.figure(name).exists()
        ],
        "People": [(name, link(site.person(name), index)) for name in run.shown],
        "Experiments": [(run.labels[name], link(site.experiment(name), index)) for name in run.experiments],
    }


def _flow(run: Run) -> dict[str, Any] | None:
    """What the flow networks are worth, and a film for everybody, where they are trained."""
    from h2h.evaluation.pictures import to_jpeg
    from h2h.io.atomic import replacing
    from h2h.stages.flow_film import write_flow_film
    from h2h.stages.flow_page import facial_flow, flow_estimators, flow_truth

    estimators = flow_estimators(run.work)
    if not estimators:
        return None
    people = sorted(set(done_cards(run.work / "cache")) & set(run.shown))
    (run.site.root / "assets").mkdir(parents=True, exist_ok=True)
    for name in people:
        with reading(run.work / "cache" / f"{name}.h5") as cache:
            write_flow_film(cache, estimators, run.site.root / "assets" / f"flow_{name}.mp4")
    sheet = flow_truth(run.work / "flow_data" / "flow_data.h5", estimators)
    if sheet is not None:
        with replacing(run.site.root / "assets" / "flow_truth.jpg") as temporary:
            temporary.write_bytes(to_jpeg(sheet))
    return {**facial_flow(people, run.work, estimators), "truth": sheet is not None}
