"""A table's page: which rows it asks for, and what it says of those that are the best of several."""

from pathlib import Path

import pytest

from h2h.config import Sections, load_params
from h2h.io.cards import write_card
from h2h.stages import table_page, tables
from h2h.stages.page_data import Site

ROOT = Path(__file__).parents[2]
DISTANCES = {"ours": 10.0, "vid2vid": 13.0, "vid2vid_slow": 12.0, "vid2vid_fast": 14.0, "nearest_frame": 20.0}
CHOSEN = "the one with the least pixel distance on these test frames is shown"


def summary(distance):
    values = {"average_pixel_distance": distance, "average_pixel_distance_interval": (distance - 1, distance + 1)}
    return values | {"fid": 0.5, "fid_deviation": 0.1, "frames": 10, "features": "dlib"}


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Write a table's page from pixel distances: (experiment, person) -> distance; its card and both texts."""
    monkeypatch.chdir(ROOT)

    def write(name, distances, made):
        csv = tmp_path / "reports/tables" / f"{name}.csv"
        csv.parent.mkdir(parents=True, exist_ok=True)
        paths = []
        for (experiment, person), distance in distances.items():
            paths.append(tmp_path / f"work/evaluate/{experiment}.{person}.h5")
            paths[-1].parent.mkdir(parents=True, exist_ok=True)
            paths[-1].touch()
            write_card(paths[-1], "evaluate", paths[-1].stem, summary(distance))
        markdown = csv.with_suffix(".md")
        tables.run(name, csv, Sections({}), evaluations=paths, markdown=markdown)
        output, site = tmp_path / f"{name}.html", Site.of(tmp_path / "reports")
        card = table_page.write(name, output, site, tmp_path / "work", made, set(), load_params())
        return card, output.read_text(), markdown.read_text()

    return write


def test_alternatives_that_lost_are_not_missing(page):
    made = [f"{name}.ann.ann" for name in (*DISTANCES, "x2face", "x2face_slow", "x2face_fast")]
    card, html, markdown = page("table1_full", {(name, "ann"): value for name, value in DISTANCES.items()}, made)
    assert (card["rows"], card["missing"]) == (3, 1)  # of X2Face none is there: one row without data
    assert "rate / 2" in html and "rate x 2" not in html
    assert CHOSEN in html and CHOSEN in markdown


def test_the_winner_of_a_row_is_missing_where_it_was_not_scored(page):
    scores = {(name, person): value for name, value in DISTANCES.items() for person in ("ann", "bea")}
    del scores["vid2vid_slow", "bea"]
    scores["vid2vid_slow", "ann"] = 1.0
    card, _, _ = page("table1_full", scores, [f"{name}.{person}.{person}" for name, person in scores])
    assert card["missing"] == 0
    made = [*(f"{name}.{person}.{person}" for name, person in scores), "vid2vid_slow.bea.bea"]
    assert page("table1_full", scores, made)[0]["missing"] == 1


def test_without_alternatives_nothing_was_chosen(page):
    card, html, markdown = page("table1b", {("ours", "ann"): 10.0}, ["ours.ann.ann", "no_mouth.ann.ann"])
    assert (card["rows"], card["missing"]) == (1, 1)
    assert CHOSEN not in html and CHOSEN not in markdown


def test_people_may_be_called_like_numbers_or_like_nothing(page):
    people = ("007", "1e5", "NA", "null")
    scores = {(name, person): 10.0 for name in ("ours", "no_mouth") for person in people}
    card, html, _ = page("table1b", scores, [f"{name}.{person}.{person}" for name, person in scores])
    assert card["people"] == list(people) and card["missing"] == 0
    assert "over 4 people" in html
