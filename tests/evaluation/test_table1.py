import pytest

from h2h.config import read_yaml
from h2h.evaluation import table1
from h2h.stages.tables import PUBLISHED


def scores(distance, fid=0.5):
    return {
        "frames": 100,
        "average_pixel_distance": distance,
        "masked_average_pixel_distance": 2 * distance,
        "mouth_average_pixel_distance": 3 * distance,
        "fid": fid,
        "fid_deviation": 0.01,
        "mask_iou": 0.97,
        "features": "dlib",
    }


@pytest.fixture
def evaluations():
    return {("franck", "nearest_frame"): scores(12), ("franck", "ours"): scores(10), ("audun", "ours"): scores(8.12345)}


def test_rows_and_order(evaluations):
    found = table1.rows(evaluations)
    assert found[["person", "method"]].to_numpy().tolist() == [
        ["audun", "ours"],
        ["franck", "ours"],
        ["franck", "nearest_frame"],
    ]
    assert found["average_pixel_distance"].tolist() == [8.1235, 10, 12]


def test_metrics_have_the_promised_keys(evaluations):
    nested = table1.metrics(evaluations)
    assert nested["table1"]["franck"]["ours"]["average_pixel_distance"] == 10
    assert set(nested["table1"]["franck"]["nearest_frame"]) == {
        "average_pixel_distance",
        "masked_average_pixel_distance",
        "mouth_average_pixel_distance",
        "fid",
        "mask_iou",
    }


def test_no_evaluation_gives_an_empty_table():
    assert len(table1.rows({})) == 0 and table1.metrics({}) == {"table1": {}}


def test_published_numbers_are_the_papers_and_stay_apart(evaluations):
    paper = table1.published(read_yaml(PUBLISHED))
    ours = paper[paper.method == "ours"]
    assert ours["average_pixel_distance"].tolist() == [14.62, 13.09, 15.21, 25.74, 20.34]
    sentence = table1.difference(["franck"], "laptop", 128, ["dlib"], 50, ["the drawing", "the weather"])
    text = table1.markdown(table1.rows(evaluations), paper, sentence)
    measured, published = text.split("## Published")
    assert "franck" in measured and "14.62" not in measured and "14.62" in published
    assert "not ArcFace" in text and "Besides, the drawing; the weather." in text
    assert "Besides" not in table1.difference(["franck"], "paper", 256, ["arcface"], 50, [])
