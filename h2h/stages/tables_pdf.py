"""Stage tables_pdf: all tables on paper, measured and published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Params, Sections, load_params
from h2h.stages.page_data import Site, labels_of, published_results, read_table
from h2h.stages.table_page import automated_study, driven_by_others

NAME = "h2h_tables.pdf"
FONTS = {"pdf.fonttype": 42}  # letters stay letters, for searching and copying


def run(name: str, output: Path, cfg: Sections, *, reports: Path) -> dict[str, Any]:
    """Write the PDF from the numbers of the stage tables."""
    params = load_params()
    return write(output, Site.of(reports), [key for key, table in params.tables.items() if not table.full], params)


def write(output: Path, site: Site, tables: list[str], params: Params) -> dict[str, Any]:
    """Write the PDF of some tables to `output`. The same numbers give the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages

    from h2h.pages.sheets import figures

    sheets = [*(_sheet(name, site, params) for name in tables), _differences(site, tables, params)]
    pages = figures(sheets, f"h2h, profile {params.profile.name}: tables, measured and published")
    about = {"Title": "h2h: tables", "Creator": "h2h", "Producer": None, "CreationDate": None}
    with matplotlib.rc_context(FONTS), PdfPages(output, metadata=about) as file:
        for page in pages:
            file.savefig(page)
    return {"tables": tables, "pages": len(pages)}


def _sheet(name: str, site: Site, params: Params) -> Any:
    from h2h.evaluation import score_table
    from h2h.pages.columns import columns
    from h2h.pages.heading import heading
    from h2h.pages.score_rows import score_table_of
    from h2h.pages.sheets import Sheet

    table, labels = params.tables[name], labels_of(params)
    measured = read_table(site.tables / f"{name}.csv")
    shown = score_table_of(measured, labels)
    blocks = _measured("Measured here", shown)
    if driven := driven_by_others(name, site, labels):
        blocks += _measured("Driven by other people", driven)
    if study := automated_study(name, site, labels):
        blocks.append(_judged(study))
    paper = score_table.published(published_results(), table.published)
    blocks += [_published(paper, column) for column in columns(paper.columns)]
    return Sheet(f"{heading(name)}: {table.title}", blocks)


def _measured(title: str, shown: Any) -> list[Any]:
    """A table of scores, in parts that fit."""
    from h2h.pages.sheets import Block

    blocks = []
    for part in shown.groups:
        head = ["method", "person", "frames", *(c.label + (" (higher is better)" if c.higher else "") for c in part)]
        cells = [
            [r.label, r.person, r.frames, *(f"{r.cells[c.key].text} {r.cells[c.key].within}".strip() for c in part)]
            for r in shown.rows
        ]
        blocks.append(Block(title, head, cells or [["no data yet"]]))
    return blocks


def _judged(study: dict[str, Any]) -> Any:
    """What a forgery detector calls synthesised."""
    from h2h.pages.sheets import Block

    head = ["frames of", "person", "driven by", "method is", "person is", "frames", "called synthesised"]
    cells = []
    for r in study["rows"]:
        known, share = "known" if r["person_known"] else "unseen", f"{r['share']} {r['within']}"
        cells.append([r["label"], r["person"], r["driver"], r["method"], known, str(r["frames"]), share])
    notes = [f"Published: {text} calls {value} synthesised." for text, value in study["published"]]
    return Block("What a forgery detector says", head, cells or [["no data yet"]], words=5, notes=notes)


def _published(paper: Any, column: Any) -> Any:
    """A metric's published numbers: a row a method, a column a person, and the mean."""
    from h2h.pages.sheets import Block

    table = paper.pivot_table(index="experiment", columns="person", values=column.key, sort=False)
    rows = [
        [str(method), *("" if value != value else f"{value:.2f}" for value in values), f"{values.mean():.2f}"]
        for method, values in table.iterrows()
    ]
    return Block(f"Published: {column.label}", ["method", *map(str, table.columns), "mean"], rows, words=1)


def _differences(site: Site, tables: list[str], params: Params) -> Any:
    """The last sheet: why measured and published numbers are not to be compared across."""
    from h2h.evaluation.registry import networks_of
    from h2h.evaluation.score_table import MEAN
    from h2h.pages.heading import heading
    from h2h.pages.sheets import Block, Sheet
    from h2h.stages.differences import what_differs

    blocks = []
    for name in tables:
        measured = read_table(site.tables / f"{name}.csv")
        people = sorted({str(person) for person in measured["person"]} - {MEAN})
        features = networks_of(measured["features"])
        blocks.append(Block(heading(name), [], [], notes=[what_differs(params, name, people, features)]))
    return Sheet("What differs", blocks)
