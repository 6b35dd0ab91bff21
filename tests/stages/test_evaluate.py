"""The stages evaluate and transfers on a small film of a real face."""

import json
from types import SimpleNamespace

import cv2
import h5py
import numpy as np
import pytest

from h2h.config import Sections, load_params
from h2h.evaluation.registry import METRICS, OF_TRANSFERS
from h2h.stages import evaluate, transfers
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import save_head_model

SIZE, COUNT = 96, 8
SCORED = {key for key, metric in METRICS.items() if metric.block != "transfer"} - {"lpips"}


@pytest.fixture(scope="module")
def files(face, tmp_path_factory):
    """A cache whose frames move to the right, and results: the same, and black."""
    folder = tmp_path_factory.mktemp("evaluate")
    model = build_anny_head(samples=100, identity=8, expression=12, seed=3)
    save_head_model(model, folder / "head_model.h5")
    frames = np.stack([_moved(face, t) for t in range(COUNT)])
    mask = np.full((COUNT, SIZE, SIZE), 255, np.uint8)
    flow = np.zeros((COUNT, SIZE, SIZE, 2), np.float16)
    flow[..., 0] = 1
    nmfc = np.zeros_like(frames)
    nmfc[:, 20:70, 20:70] = 80
    points = np.random.default_rng(0).uniform(0.3, 0.7, (COUNT, 68, 2)).astype(np.float32)
    with h5py.File(folder / "ann.h5", "w") as file:
        file["frames"], file["mask"], file["nmfc"], file["flow"], file["landmarks"] = frames, mask, nmfc, flow, points
        file["segment"], file["mouth"] = np.zeros(COUNT, np.int32), np.full((COUNT, 2), 0.6, np.float32)
        file["tracking/identity"] = np.zeros(len(model.identity_sigma), np.float32)
    for name, made in (("same", frames), ("black", frames * 0)):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["frames"], file["mask"], file["index"] = made[2:], mask[2:], np.arange(2, COUNT)
    return folder


def _moved(face, t):
    return cv2.warpAffine(cv2.resize(face, (SIZE, SIZE)), np.float32([[1, 0, t], [0, 1, 0]]), (SIZE, SIZE))


def parameters():
    values = load_params().model_dump()
    values["tracking"] |= {"dense_weight": 0.0, "alternations": 1, "contour": False, "max_residual": 1.0}
    values["evaluate"] |= {"features": "dlib", "perceptual": "efficientnet_lite0", "bootstrap": 10}
    return Sections(values)


def score(files, name):
    inputs = {"synthesized": files / f"{name}.h5", "cache": files / "ann.h5", "head_model": files / "head_model.h5"}
    output = files / f"{name}.scores.h5"
    return output, evaluate.run("ours.ann", output, parameters(), **inputs)


def test_an_equal_film_is_without_fault(files, in_project):
    output, summary = score(files, "same")
    assert set(summary) >= SCORED and summary["frames"] == COUNT - 2 and summary["frames_without_face"] == 0
    json.dumps(summary, allow_nan=False)
    best = SimpleNamespace(**summary)
    assert best.average_pixel_distance == 0 == best.faces_missed and best.ssim == best.mask_iou == 1
    assert best.fid == pytest.approx(0, abs=1e-6) and best.identity_similarity == pytest.approx(1)
    for key in ("keypoint_distance", "rotation_error", "expression_error", "eye_opening_error", "gaze_error"):
        assert summary[key] == pytest.approx(0, abs=1e-3)
    assert best.face_shape_distance == best.face_shape_of_true_frames > 0
    with h5py.File(output) as file:
        for key in SCORED:
            if (dataset := METRICS[key].dataset) is not None:
                assert file[dataset].shape == (COUNT - 2,) and file[dataset].dtype == np.float32
                assert summary[key] == pytest.approx(np.nanmean(file[dataset]), abs=1e-4)
        assert file["error"].shape == (COUNT - 2, SIZE, SIZE)
        assert np.isnan(file["warping_error"][0]) and np.isfinite(file["warping_error"][1:]).all()


def test_of_a_film_without_a_face_only_what_can_be_said(files, in_project):
    _, summary = score(files, "black")
    assert summary["faces_missed"] == 100 and summary["psnr"] < 15
    absent = {"keypoint_distance", "rotation_error", "expression_error", "eye_opening_error", "gaze_error"}
    assert not absent & set(summary) and "face_shape_distance" not in summary
    assert set(summary) >= SCORED - absent - {"face_shape_distance"}
    json.dumps(summary, allow_nan=False)


def test_a_head_that_is_driven_by_its_own_film_follows_it(files, in_project):
    """The same film as target, driver and result: both people's shapes are equally far, and nothing moves otherwise."""
    inputs = {"synthesized": files / "same.h5", "cache": files / "ann.h5", "source": files / "ann.h5"}
    output = files / "driven.h5"
    summary = transfers.run("ours.ann.bea", output, parameters(), **inputs, head_model=files / "head_model.h5")
    assert (
        set(summary) >= set(OF_TRANSFERS) - {"source_shape_share"}
        and summary["frames"] == COUNT - 2
        and summary["faces_missed"] == 0
    )
    assert summary["face_shape_distance"] == summary["source_shape_distance"] > 0
    assert summary["rotation_error"] == pytest.approx(0, abs=1e-3)
    assert -1 <= summary["source_similarity"] <= 1 and summary["features"] == "dlib"
    assert "source_shape_share" not in summary  # both are one person
    json.dumps(summary, allow_nan=False)
    with h5py.File(output) as file:
        assert file["person_similarity"].shape == (COUNT - 2,) and "keypoint_distance" not in file
