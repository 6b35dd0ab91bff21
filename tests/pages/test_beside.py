"""Measured numbers beside published ones, and what a table says in a sentence."""

from pathlib import Path

import pandas as pd
import pytest

from h2h.config import load_params
from h2h.config.experiments import alternatives
from h2h.evaluation import score_table
from h2h.pages.beside import COUNTERPARTS, beside
from h2h.pages.columns import columns
from h2h.pages.findings import finding
from h2h.stages.page_data import published_results

ROWS = ["ours", "vid2vid", "nearest_frame"]
# of a table of params.yaml: published methods that none of its rows repeats
NONE = {
    "table2_full": {"ours", "without initialisation"},  # 50 frames, as few people have 500
}
LABELS = {"ours": "ours", "vid2vid": "vid2vid on NMFC", "nearest_frame": "nearest frame"}


def table(*rows):
    names = ("person", "experiment", "average_pixel_distance", "low", "high")
    fid = {"fid": 0.1, "fid_deviation": 0.01, "features": "dlib"}
    return pd.DataFrame([dict(zip(names, row, strict=True)) | fid for row in rows])


def test_each_method_stands_beside_its_published_counterpart():
    measured = table(
        ("ann", "ours", 10.0, 9, 11), ("bea", "ours", 20.0, 19, 21), ("ann", "nearest_frame", 30.0, 29, 31)
    )
    paper = score_table.published(published_results(), "table1")
    distance, fid = beside(measured, paper, columns([*measured.columns]), LABELS, "table1", ROWS)
    assert (distance["column"].key, fid["column"].key) == ("average_pixel_distance", "fid")
    rows = {row["label"]: row for row in distance["rows"]}
    assert list(rows) == ["ours", "nearest frame", "X2Face", "vid2vid"]
    assert rows["ours"]["here"] == 10 and rows["ours"]["here_people"] == 1  # of Bea there is no nearest frame
    assert rows["ours"]["there"] == pytest.approx((14.62 + 13.09 + 15.21 + 25.74 + 20.34) / 5)
    assert rows["ours"]["there_range"] == (13.09, 25.74) and rows["ours"]["there_people"] == 5
    assert rows["nearest frame"]["there"] is None and rows["vid2vid"]["here"] is None
    assert rows["X2Face"]["unasked"] and not rows["vid2vid"]["unasked"]  # this one is only not there yet


def test_each_published_method_has_one_row_in_each_table():
    params = load_params(Path(__file__).parents[2] / "params.yaml")
    for name, table in params.tables.items():
        if table.published is None:
            continue
        counterparts = COUNTERPARTS[table.published]
        repeated = []
        for row in table.rows:
            (method,) = {counterparts.get(experiment) for experiment in alternatives(row)}
            repeated += [method] if method else []
        methods = set(score_table.published(published_results(), table.published)["experiment"])
        assert sorted(repeated) == sorted(methods - NONE.get(name, set())), name


def test_the_initialisation_is_compared_on_the_papers_number_of_frames():
    """FS: 500 training frames for two people of Table 2, 250 for the others; `ours` has 50 here."""
    measured = pd.DataFrame(
        [
            {"person": "ann", "experiment": name, "masked_average_pixel_distance": 20.0}
            for name in ("ours", "scratch", "frames_500", "scratch_500")
        ]
    )
    paper = score_table.published(published_results(), "table2")
    (part,) = beside(measured, paper, columns([*measured.columns]), {}, "table2", list(measured["experiment"]))
    there = {row["label"]: row["there"] for row in part["rows"]}
    assert there["ours"] is None and there["scratch"] is None and len(there) == 4
    assert there["frames_500"] == pytest.approx((29.44 + 22.21 + 18.72 + 14.40) / 4)
    assert there["scratch_500"] == pytest.approx((36.61 + 34.52 + 34.92 + 29.19) / 4)


def test_values_of_several_feature_networks_are_not_averaged():
    """Nobody shares all rows, so that the table has no means; "here" is over everybody."""
    measured = table(("ann", "ours", 10.0, 9, 11), ("bea", "vid2vid", 20.0, 19, 21), ("cyd", "ours", 30.0, 1, 0))
    paper = score_table.published(published_results(), "table1")
    for features, here in (("dlib", 0.1), ("arcface", None)):
        measured.loc[measured["person"] == "cyd", "features"] = features
        distance, fid = beside(measured, paper, columns([*measured.columns]), LABELS, "table1", ROWS)
        assert distance["rows"][0]["here"] == 20 and fid["rows"][0]["here"] == here


def test_the_mean_is_the_tables_own():
    measured = table(("ann", "ours", 10.0, 9, 11), ("bea", "ours", 20.0, 19, 21), ("mean", "ours", 14.0, 1, 0))
    paper = score_table.published(published_results(), "table1")
    assert beside(measured, paper, columns([*measured.columns]), LABELS, "table1", ROWS)[0]["rows"][0]["here"] == 14.0


def test_a_value_that_a_person_lacks_leaves_no_mean():
    measured = table(("ann", "ours", 10.0, 9, 11), ("bea", "ours", float("nan"), 1, 0))
    paper = score_table.published(published_results(), "table1")
    assert beside(measured, paper, columns([*measured.columns]), LABELS, "table1", ROWS)[0]["rows"][0]["here"] is None


def test_means_differences_and_their_number_of_people_are_over_the_same_people():
    """Of Cyd there is no nearest frame: she counts in no mean, so in no difference and no number of people either."""
    distances = {
        ("ann", "ours"): 10.0, ("ann", "vid2vid"): 11.0, ("ann", "nearest_frame"): 20.0,
        ("bea", "ours"): 12.0, ("bea", "vid2vid"): 14.0, ("bea", "nearest_frame"): 24.0,
        ("cyd", "ours"): 50.0, ("cyd", "vid2vid"): 90.0,
    }  # fmt: skip
    summaries = {
        key: {"frames": 10, "features": "dlib", "average_pixel_distance": value} for key, value in distances.items()
    }
    measured = score_table.rows(summaries, ROWS)
    assert score_table.shared_people(measured) == ["ann", "bea"]
    differences = score_table.differences(measured)
    assert [(one["other"], one["mean"], one["people"]) for one in differences] == [
        ("vid2vid", 1.5, 2), ("nearest_frame", 11.0, 2)
    ]  # fmt: skip
    assert finding(measured, LABELS).startswith("ours: average pixel distance 11.00 over 2 people.")
    paper = score_table.published(published_results(), "table1")
    rows = beside(measured, paper, columns([*measured.columns]), LABELS, "table1", ROWS)[0]["rows"]
    assert [(row["here"], row["here_people"]) for row in rows[:3]] == [(11.0, 2), (12.5, 2), (22.0, 2)]


def test_without_a_published_table_there_is_nothing_beside():
    paper = score_table.published(published_results(), None)
    assert (
        beside(table(("ann", "ours", 1.0, 0, 2)), paper, columns(["average_pixel_distance"]), LABELS, None, ["ours"])
        == []
    )


def test_of_one_person_methods_are_told_apart_where_their_intervals_do_not_touch():
    measured = table(
        ("ann", "ours", 10.0, 8.0, 12.0), ("ann", "vid2vid", 9.0, 7.5, 11.0), ("ann", "nearest_frame", 30.0, 20.0, 40.0)
    )
    said = finding(measured, LABELS)
    assert said == (
        "ann, average pixel distance: ours 10.0 (8.0 to 12.0); clearly worse: nearest frame 30.0 (20.0 to 40.0); "
        "not told apart from it: vid2vid on NMFC 9.0 (7.5 to 11.0)."
    )


def test_of_several_people_the_interval_of_the_difference_counts():
    measured = table(
        ("ann", "ours", 10.0, 8, 12), ("ann", "nearest_frame", 20.0, 18, 22),
        ("bea", "ours", 12.0, 8, 12), ("bea", "nearest_frame", 21.0, 18, 22),
        ("mean", "ours", 11.0, 1, 0), ("mean", "nearest_frame", 20.5, 1, 0),
    )  # fmt: skip
    said = finding(measured, LABELS)
    assert said.startswith("ours: average pixel distance 11.00 over 2 people. nearest frame against ours: +9.50")
    assert finding(table(("ann", "ours", 1.0, 0, 2)), LABELS) == ""
