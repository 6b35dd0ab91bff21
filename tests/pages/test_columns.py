"""Tables of scores: which columns, what is best, what is missing."""

import numpy as np
import pytest

from h2h.evaluation import registry
from h2h.pages.columns import ACROSS, Cell, Column, best_of, cell, columns, groups
from h2h.pages.score_rows import score_rows

LABELS = {"ours": "ours", "nearest_frame": "nearest frame"}


def record(person, experiment, distance, **more):
    row = {"person": person, "experiment": experiment, "frames": 100, "features": "dlib", "fid": 0.5, "mask_iou": 0.9}
    row |= {"average_pixel_distance": distance, "fid_deviation": 0.01, "low": distance - 1, "high": distance + 1}
    return {**row, **more}


def test_columns_are_the_metrics_that_the_table_has_in_the_registrys_order():
    found = columns(["mask_iou", "person", "average_pixel_distance", "unheard_of"])
    assert [column.key for column in found] == ["average_pixel_distance", "mask_iou"]
    assert [column.higher for column in found] == [False, True]
    assert found[1].label == registry.METRICS["mask_iou"].label


def test_a_new_metric_of_the_registry_is_a_column(monkeypatch):
    monkeypatch.setitem(registry.METRICS, "brand_new", registry.Metric("brand new", 3, "px", about="it is new"))
    (found,) = columns(["brand_new"])
    assert (found.label, found.unit, found.about) == ("brand new", "px", "it is new")
    row = record("ann", "ours", 3.0, brand_new=1.2345, brand_new_low=1.0, brand_new_high=2.0)
    assert (cell(row, found, None).text, cell(row, found, None).within) == ("1.234", "(1.000 to 2.000)")


@pytest.mark.parametrize(
    ("text", "within", "parts"), [("1.00", "", 2), ("1.00", "(0.50 to 1.50)", 4), ("1" * 200, "", 20)]
)
def test_groups_fit_the_page_and_lose_nothing(text, within, parts):
    found = [Column(f"m{i}", "x", "", False) for i in range(20)]
    rows = [{column.key: Cell(text, within) for column in found}, {}]
    made = groups(found, rows)
    assert len(made) == parts and [x for part in made for x in part] == found
    for part in made:
        assert len(part) == 1 or sum(len(text) + 0.9 * len(within) for _ in part) <= ACROSS
    assert groups([], rows) == [[]]
    papers, further = Column("a", "a", "", False, block="papers"), Column("b", "b", "", False, block="further")
    assert groups([papers, papers, further], []) == [[papers, papers], [further]]


def test_the_best_is_the_least_or_for_the_iou_the_greatest_and_needs_a_difference():
    distance, iou = columns(["average_pixel_distance", "mask_iou"])
    rows = [record("ann", "ours", 3.0, mask_iou=0.8), record("ann", "nearest_frame", 4.0)]
    assert best_of(rows, distance) == 3.0 and best_of(rows, iou) == 0.9
    assert best_of(rows[:1], distance) is None and best_of([rows[0], rows[0]], distance) is None
    assert best_of([rows[0], {**rows[1], "average_pixel_distance": np.nan}], distance) is None
    fids = [{"fid": 0.1, "features": "dlib"}, {"fid": 0.2, "features": "dlib"}, {"fid": 9.0, "features": "arcface"}]
    (fid,) = columns(["fid"])
    assert best_of(fids[:2], fid) == 0.1 and best_of(fids, fid) is None  # two feature networks


def test_a_cell_has_its_interval_apart_and_a_dash_for_nothing():
    distance, fid = columns(["average_pixel_distance", "fid"])
    row = record("ann", "ours", 3.0)
    assert (cell(row, distance, 3.0).text, cell(row, distance, 3.0).within) == ("3.00", "(2.00 to 4.00)")
    assert cell(row, distance, 3.0).best and not cell(row, distance, 2.0).best
    assert (cell(row, fid, None).text, cell(row, fid, None).within) == ("0.500", "± 0.010")
    assert cell(record("ann", "ours", np.nan), distance, None).text == "–"


def test_rows_that_were_asked_for_and_not_made_say_so():
    found = columns(["average_pixel_distance"])
    measured = [record("ann", "ours", 3.0), record("mean", "ours", 3.0)]
    expected = [("ann", "ours"), ("ann", "nearest_frame"), ("eve", "ours")]
    rows = score_rows(measured, found, LABELS, {("ann", "ours"): "9 + 4"}, expected, {"eve": "eve was left out"})
    assert [(r.person, r.experiment, r.missing, r.first) for r in rows] == [
        ("ann", "ours", False, True),
        ("ann", "nearest_frame", True, False),
        ("eve", "ours", True, True),
        ("mean", "ours", False, True),
    ]
    assert rows[0].cost == "9 + 4" and rows[2].why == "eve was left out" and rows[1].label == "nearest frame"
    assert rows[3].mean and rows[0].cells["average_pixel_distance"].text == "3.00"
