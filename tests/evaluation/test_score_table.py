import numpy as np
import pytest

from h2h.config import read_yaml
from h2h.evaluation import score_table, score_text
from h2h.evaluation.bootstrap import block_interval
from h2h.evaluation.published_settings import setting_of
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
        "mouth_fid": 0.2,
        "warping_error": 4.0,
        "psnr": 20.0,
        "features": "dlib",
    }


@pytest.fixture
def evaluations():
    return {("franck", "nearest_frame"): scores(12), ("franck", "ours"): scores(10), ("audun", "ours"): scores(8.12345)}


ROWS = ["ours", "nearest_frame"]


def test_rows_and_order(evaluations):
    found = score_table.rows(evaluations, ROWS)
    assert found[["person", "experiment"]].to_numpy().tolist() == [
        ["audun", "ours"],
        ["franck", "ours"],
        ["franck", "nearest_frame"],
    ]
    assert found["average_pixel_distance"].tolist() == [8.1235, 10, 12]
    assert len(score_table.rows(evaluations, ["ours"])) == 3  # two people and their mean


def test_means_are_over_the_people_that_all_experiments_share(evaluations):
    evaluations["audun", "nearest_frame"] = scores(9)
    evaluations["jolly", "ours"] = scores(100)
    found = score_table.rows(evaluations, ROWS)
    means = found[found["person"] == "mean"].set_index("experiment")
    assert means.loc["ours", "average_pixel_distance"] == pytest.approx((10 + 8.1235) / 2, abs=1e-4)
    assert means.loc["nearest_frame", "average_pixel_distance"] == 10.5
    assert means.loc["ours", "frames"] == 200


def test_scores_have_the_promised_keys(evaluations):
    nested = score_table.scores(score_table.rows(evaluations, ROWS))
    assert nested["franck"]["ours"]["average_pixel_distance"] == 10
    assert set(nested["franck"]["nearest_frame"]) == set(scores(1)) & set(score_table.METRICS)


def test_a_metric_that_only_some_have(evaluations):
    """Others leave the cell empty, the mean too, and metrics.json has no entry."""
    evaluations["franck", "ours"] |= {"lpips": 0.25, "lpips_interval": (0.2, 0.3)}
    evaluations["audun", "nearest_frame"] = scores(9)
    found = score_table.rows(evaluations, ROWS)
    records = {(row["person"], row["experiment"]): row for row in found.to_dict("records")}
    assert "ssim" not in found and "ssim_low" not in found
    assert score_table.cell(records["franck", "ours"], "lpips") == "0.250 (0.200 to 0.300)"
    assert score_table.cell(records["audun", "ours"], "lpips") == "–" == score_table.cell({}, "ssim")
    assert np.isnan(records["mean", "ours"]["lpips"]) and records["mean", "ours"]["psnr"] == 20
    nested = score_table.scores(found)
    assert nested["franck"]["ours"]["lpips"] == 0.25 and "lpips" not in nested["audun"]["ours"]


def test_values_of_several_feature_networks_have_no_mean(evaluations):
    """An FID of dlib's features and one of ArcFace's: their mean would be nobody's."""
    evaluations["audun", "ours"] |= {"fid": 300.0, "features": "arcface", "identity_similarity": 0.2}
    evaluations["franck", "ours"] |= {"identity_similarity": 0.9}
    evaluations["audun", "nearest_frame"] = scores(9)
    found = score_table.rows(evaluations, ROWS)
    means = found[found["person"] == "mean"].set_index("experiment")
    assert np.isnan(means.loc["ours", "fid"]) and np.isnan(means.loc["ours", "identity_similarity"])
    assert means.loc["ours", "features"] == "arcface, dlib" and means.loc["ours", "mouth_fid"] == 0.2
    assert means.loc["nearest_frame", "fid"] == 0.5 and means.loc["nearest_frame", "features"] == "dlib"
    assert set(score_table.scores(found)["mean"]["ours"]).isdisjoint({"fid", "identity_similarity"})


def test_further_metrics_stand_in_a_second_block(evaluations):
    evaluations["franck", "ours"] |= {"identity_similarity": 0.9, "gaze_error": 4.0, "ssim": 0.8, "face_psnr": 21.0}
    names = {"ours": "ours", "nearest_frame": "nearest frame"}
    found = score_table.rows(evaluations, ROWS)
    text = score_text.markdown("One", found, names, score_table.published({}, None), "Nothing differs.")
    first, second = text.split("## Further metrics, measured here")
    assert "average pixel distance, 0 to 442" in first and "FID (dlib's 128-d network)" in first and "PSNR" in first
    assert "| PSNR, dB" not in first and "| PSNR, dB |" in second and "gaze error, degrees" in second
    assert "identity similarity (dlib's 128-d network)" in second and second.count("| person |") == 2
    assert "LPIPS" not in second


def test_no_evaluation_gives_an_empty_table():
    found = score_table.rows({}, ROWS)
    assert len(found) == 0 and score_table.scores(found) == {}


def test_intervals_are_printed(evaluations):
    evaluations["franck", "ours"]["average_pixel_distance_interval"] = [9.5, 10.5]
    rows = score_table.rows(evaluations, ROWS).to_dict("records")
    assert [score_table.cell(row, "average_pixel_distance") for row in rows] == [
        "8.12",
        "10.00 (9.50 to 10.50)",
        "12.00",
    ]
    assert score_table.cell(rows[0], "fid") == "0.500 ± 0.010" and score_table.cell(rows[0], "mask_iou") == "0.970"


def test_published_numbers_are_the_papers_and_stay_apart(evaluations):
    results = read_yaml(PUBLISHED)
    paper = score_table.published(results, "table1")
    ours = paper[paper.experiment == "ours"]
    assert ours["average_pixel_distance"].tolist() == [14.62, 13.09, 15.21, 25.74, 20.34]
    assert ours["fid"].tolist() == [0.23, 0.36, 0.35, 0.70, 0.67]
    setting = setting_of("table1")
    other = ["the drawing", "the weather"]
    sentence = score_table.what_differs(setting, ["franck"], "laptop", 128, ["dlib"], "50 frames", other)
    names = {"ours": "ours", "nearest_frame": "nearest frame"}
    text = score_text.markdown("One", score_table.rows(evaluations, ROWS), names, paper, sentence)
    measured, published = text.split("## Published")
    assert "franck" in measured and "14.62" not in measured and "14.62" in published
    assert "not ArcFace" in text and "Besides, the drawing; the weather." in text
    assert "Besides" not in score_table.what_differs(setting, ["franck"], "paper", 256, ["arcface"], "50 frames", [])


def test_published_numbers_stand_under_their_own_setting():
    """Head2Head's Table I(b) has no FID, so no ArcFace."""
    for name, where in (("table1", "Table 1: five people"), ("table1b", "Table I(b): May, Justin")):
        paper = score_table.published(read_yaml(PUBLISHED), name)
        text = score_text.markdown("One", score_table.rows({}, ROWS), {}, paper, "", setting_of(name))
        (heading,) = [line for line in text.splitlines() if line.startswith("## Published")]
        assert where in heading and ("ArcFace" in heading) is (name == "table1")


def test_the_other_published_tables():
    results = read_yaml(PUBLISHED)
    two = score_table.published(results, "table2").set_index(["experiment", "person"])
    assert two.loc[("without initialisation", "paper's 2"), "masked_average_pixel_distance"] == 34.52
    three = score_table.published(results, "table3")
    assert sorted(set(three["experiment"])) == ["ours", "without D_M", "without D_M and D_V", "without D_V"]
    mouth = score_table.published(results, "table1b").set_index(["experiment", "person"])
    assert mouth.loc[("ours", "may"), "mouth_average_pixel_distance"] == 10.1
    flow = score_table.published(results, "table1a").set_index(["experiment", "person"])["average_pixel_distance"]
    assert flow["FlowNet2", "justin"] == 6.9 and flow["facial flow", "turnbull"] == 6.5 and len(flow) == 8
    assert len(score_table.published(results, None)) == 0


def test_block_interval_covers_the_mean_of_correlated_values():
    rng = np.random.default_rng(0)
    inside, narrow = 0, 0
    for trial in range(100):
        steps = rng.normal(size=220)
        values = np.convolve(steps, np.ones(8) / np.sqrt(8), "valid")[:200]  # mean 0, neighbours alike
        low, high = block_interval(values, 200, trial)
        inside += low < 0 < high
        low, high = block_interval(values, 200, trial, block=1)
        narrow += low < 0 < high
    assert inside >= 80 and narrow < 60


def test_block_interval_of_a_short_video_holds_its_mean():
    values = np.linspace(5, 9, 16)  # the ends count as much as the middle
    low, high = block_interval(values, 500, 0)
    assert low < values.mean() < high and (low + high) / 2 == pytest.approx(values.mean(), abs=0.3)


def test_block_interval_of_missing_values():
    assert all(np.isnan(block_interval(np.full(20, np.nan), 10, 0)))
    assert block_interval(np.array([3.0]), 10, 0) == (3, 3)
    low, high = block_interval(np.where(np.arange(50) % 2, 5.0, np.nan), 20, 0)
    assert (low, high) == (5, 5)
    alone = np.full(40, np.nan)
    alone[3] = 7.0  # most draws miss it
    assert block_interval(alone, 50, 0) == (7, 7)
