from h2h.evaluation import registry, score_table
from h2h.evaluation.summary import means


def test_the_papers_metrics_come_first():
    blocks = [metric.block for metric in registry.METRICS.values()]
    assert blocks == sorted(blocks, key=["papers", "further", "transfer"].index)
    assert "source_shape_distance" not in score_table.METRICS and set(registry.OF_TRANSFERS) <= set(registry.METRICS)


def test_every_metric_says_what_it_is():
    for key, metric in registry.METRICS.items():
        assert metric.label and metric.about and 0 <= metric.digits <= 3, key
        assert registry.number(key, 1.23456) == f"{1.23456:.{metric.digits}f}"
    labels = [metric.label for metric in registry.METRICS.values()]
    assert len(set(labels)) == len(labels)
    assert set(score_table.HIGHER) >= {"psnr", "ssim", "mask_iou", "identity_similarity"}


def test_headings_name_unit_and_network():
    assert registry.heading("psnr") == "PSNR, dB"
    assert registry.heading("fid", ["dlib"]) == "FID (dlib's 128-d network)"
    assert registry.heading("fid", ["arcface", "dlib"]) == "FID (ArcFace and dlib's 128-d network)"
    assert "EfficientNet-Lite0" in registry.heading("perceptual_distance")
    assert registry.number("psnr", None) == registry.number("psnr", float("nan")) == "–"


def test_means_by_the_registrys_keys():
    nan = float("nan")
    found = means({"psnr": [20.0, 30.0], "gaze_error": [nan, 4.0], "face_missed": [nan, nan], "other": [1.0]}, 50, 1)
    assert found["psnr"] == 25 and found["gaze_error"] == 4 and found["gaze_error_interval"] == (4, 4)
    assert set(found) == {"psnr", "psnr_interval", "gaze_error", "gaze_error_interval"}
