import numpy as np
import pytest
from test_score_table import scores

from h2h.evaluation import score_table, score_text
from h2h.evaluation.repeats import best, difference, in_words, join_seeds, over_seeds


def scored(distance, half=1.0):
    return scores(distance) | {"average_pixel_distance_interval": (distance - half, distance + half)}


def test_seeds_are_averaged_and_widen_the_interval():
    joined = over_seeds([scored(10), scored(12), scored(14)])
    assert joined["seeds"] == 3 and joined["frames"] == 100 and joined["features"] == "dlib"
    assert joined["average_pixel_distance"] == 12 and joined["mouth_average_pixel_distance"] == 36
    low, high = joined["average_pixel_distance_interval"]
    half = 4.3027 * 2 / np.sqrt(3)  # Student's t of two degrees of freedom
    assert high - 12 == pytest.approx(np.hypot(1, half), rel=1e-3) and 12 - low == pytest.approx(high - 12)
    same = over_seeds([scored(10), scored(10)])
    assert same["average_pixel_distance_interval"] == (9, 11)
    assert over_seeds([scored(10)])["seeds"] == 1


def test_seeds_without_a_value_do_not_count():
    """A result without any face has no gaze error: the others' mean, and their interval."""
    with_gaze = {"gaze_error": 4.0, "gaze_error_interval": (3.0, 5.0)}
    joined = over_seeds([scored(10) | with_gaze, scored(12)])
    assert joined["gaze_error"] == 4 and joined["gaze_error_interval"] == (3, 5)
    joined = over_seeds([scored(10) | with_gaze, scored(12) | with_gaze | {"gaze_error": 6.0}])
    low, high = joined["gaze_error_interval"]
    assert joined["gaze_error"] == 5 and low < 3 and high > 5


def test_seeds_without_an_interval_keep_the_others():
    """A shape refitted to few frames has a value and no interval: whichever seed that is."""
    bounded = {"gaze_error": 4.0, "gaze_error_interval": (3.5, 5.0)}
    alone = {"gaze_error": 6.0}
    half = 12.7062 / np.sqrt(2) * np.sqrt(2)  # Student's t of one degree of freedom, of 4 and 6
    for summaries in ([bounded, alone], [alone, bounded], [{}, alone, bounded]):
        joined = over_seeds([scored(10) | one for one in summaries])
        low, high = joined["gaze_error_interval"]
        assert joined["gaze_error"] == 5
        assert 5 - low == pytest.approx(np.hypot(0.5, half), rel=1e-4)
        assert high - 5 == pytest.approx(np.hypot(1, half), rel=1e-4)
    joined = over_seeds([scored(10) | alone, scored(12) | alone])
    assert joined["gaze_error"] == 6 and "gaze_error_interval" not in joined


def test_seeds_of_several_feature_networks_have_no_fid():
    other = scored(12) | {"features": "arcface", "fid": 300.0}
    joined = over_seeds([scored(10), other])
    assert not {"fid", "fid_deviation"} & set(joined) and joined["features"] == "arcface, dlib"
    assert joined["mouth_fid"] == pytest.approx(0.2) and joined["average_pixel_distance"] == 11
    evaluations = {("ann", "a"): scored(10), ("ann", "b"): other, ("bea", "a"): scored(10)}
    rows = score_table.rows(evaluations, ["a"], {"b": "a"}).to_dict("records")
    assert [score_table.cell(row, "fid") for row in rows] == ["–", "0.500 ± 0.010", "–"]


def test_repeats_belong_to_their_experiment():
    found = join_seeds(
        {("ann", "a"): scored(1), ("ann", "a-seed2"): scored(3), ("ann", "b"): scored(5)}, {"a-seed2": "a"}
    )
    assert {key: value["average_pixel_distance"] for key, value in found.items()} == {("ann", "a"): 2, ("ann", "b"): 5}


def test_the_best_alternative_is_that_of_the_people_all_share():
    evaluations = {("ann", "a"): scored(5), ("ann", "b"): scored(4), ("bea", "a"): scored(1), ("bea", "b"): scored(3)}
    assert best(evaluations, ["a", "b"]) == "a"
    del evaluations["bea", "a"]
    assert best(evaluations, ["a", "b"]) == "b"
    assert best({}, ["a", "b"]) == "a"
    rows = score_table.rows(evaluations, ["a", ["a", "b"]])
    assert set(rows["experiment"]) == {"a", "b"}


def test_a_difference_within_its_interval_is_none():
    names = {"a": "ours", "b": "theirs"}
    clear = {("p1", "a"): scored(10), ("p2", "a"): scored(20), ("p1", "b"): scored(15), ("p2", "b"): scored(25.2)}
    found = difference(clear, "a", "b")
    assert found["mean"] == pytest.approx(5.1) and found["low"] > 0
    assert in_words(found, names) == "theirs against ours: +5.10 (+3.83 to +6.37) over 2 people"
    clear["p2", "b"] = scored(19)
    assert in_words(difference(clear, "a", "b"), names).endswith("no difference shown")
    assert difference({("p1", "a"): scored(1), ("p1", "b"): scored(2)}, "a", "b") is None


def test_the_table_says_what_differs():
    evaluations = {("p1", "a"): scored(10), ("p2", "a"): scored(20), ("p1", "b"): scored(15), ("p2", "b"): scored(25)}
    rows = score_table.rows(evaluations, ["a", "b"])
    (found,) = score_table.differences(rows)
    assert (found["one"], found["other"], found["mean"]) == ("a", "b", 5)
    text = score_text.markdown("T", rows, {"a": "ours", "b": "theirs"}, score_table.published({}, None), "")
    assert "- theirs against ours: +5.00" in text
    assert score_table.differences(score_table.rows({("p1", "a"): scored(1)}, ["a", "b"])) == []
