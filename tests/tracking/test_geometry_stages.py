from dataclasses import replace

import h5py
import numpy as np
import pytest

from h2h.config import Sections
from h2h.errors import Rejected, UserError
from h2h.stages import head_model, nmfc, tracking
from h2h.tracking.camera import project
from h2h.tracking.head_model import load_head_model, save_head_model

TRACKING = {
    "landmark_weight": 1.0, "identity_prior": 1.0, "expression_prior": 1.0, "smoothness": 1.0, "identity_bound": 3.0,
    "expression_bound": 4.0, "dense_weight": 0.2, "alternations": 2, "contour": True, "max_residual": 0.25,
}  # fmt: skip
COUNT = 6


@pytest.fixture
def inputs(small_head, tmp_path):
    """Artifacts of the stages before tracking: the mean face turning its head."""
    half = np.linspace(-0.15, 0.15, COUNT)
    turn = np.stack([np.cos(half), np.zeros(COUNT), np.sin(half), np.zeros(COUNT)], axis=1)
    places = small_head.triangles[small_head.region == 1][::8][:468]
    small_head = replace(small_head, dense_triangles=places, dense_weights=np.full((468, 3), 1 / 3, np.float32))
    points = np.broadcast_to(small_head.landmarks(small_head.mean), (COUNT, 68, 3))
    dense = np.broadcast_to(small_head.dense_points(small_head.mean), (COUNT, 468, 3))
    eyes = small_head.eyes(small_head.mean)
    irises = np.broadcast_to(eyes.centre + eyes.iris_distance[:, None] * [0, 0, -1], (COUNT, 2, 3))
    camera = np.full(COUNT, 1 / 230), turn, np.full((COUNT, 2), 0.5)
    save_head_model(small_head, tmp_path / "head_model.h5")
    with h5py.File(tmp_path / "landmarks.h5", "w") as file:
        file["landmarks"] = project(points, *camera)[..., :2].astype(np.float32)
        file["dense"] = np.zeros((COUNT, 478, 3), np.float32)
        file["dense"][:, :468, :2] = project(dense, *camera)[..., :2]
        file["iris"] = np.repeat(project(irises, *camera)[..., None, :2], 5, axis=2).astype(np.float32)
        file["confidence"] = np.ones(COUNT, np.float32)
    with h5py.File(tmp_path / "frames.h5", "w") as file:
        file["segment"], file["time"] = np.zeros(COUNT, np.int32), np.arange(COUNT) / 20
    return {key: tmp_path / f"{key}.h5" for key in ("landmarks", "frames", "head_model")}


def test_from_landmarks_to_pictures(inputs, tmp_path):
    summary = tracking.run("ann", tmp_path / "tracking.h5", Sections({"tracking": TRACKING}), **inputs)
    assert summary["frames"] == summary["tracked"] == COUNT and summary["residual"] < 0.02
    with h5py.File(tmp_path / "tracking.h5") as file:
        shapes = {key: (value.shape, value.dtype.str) for key, value in file.items()}
        assert abs(np.abs(file["rotation"][0, 2]) - np.sin(0.15)) < 0.03
    assert shapes == {
        "identity": ((20,), "<f4"), "expression": ((COUNT, 30), "<f4"), "scale": ((COUNT,), "<f4"),
        "rotation": ((COUNT, 4), "<f4"), "translation": ((COUNT, 2), "<f4"), "gaze": ((COUNT, 2, 2), "<f4"),
        "residual": ((COUNT,), "<f4"), "tracked": ((COUNT,), "|b1"),
    }  # fmt: skip

    cfg = Sections({"nmfc": {"region": "face", "supersample": 2}, "image": {"size": 64}})
    summary = nmfc.run(
        "ann", tmp_path / "n.h5", cfg, tracking=tmp_path / "tracking.h5", head_model=inputs["head_model"]
    )
    assert summary["frames"] == COUNT and 0.15 < summary["covered"] < 0.6
    with h5py.File(tmp_path / "n.h5") as file:
        assert file["nmfc"].shape == file["gaze"].shape == (COUNT, 64, 64, 3) and file["nmfc"].dtype == np.uint8
        assert file["mouth"].shape == (COUNT, 2) and file["mouth"].dtype == np.float32
        assert np.abs(file["mouth"][:, 0] - 0.5).max() < 0.1 and (file["mouth"][:, 1] > 0.5).all()

    tracking.run("ann", tmp_path / "again.h5", Sections({"tracking": TRACKING}), **inputs)
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "tracking.h5").read_bytes()


def test_too_many_untracked_frames_reject_the_person(inputs, tmp_path):
    with h5py.File(inputs["landmarks"], "a") as file:
        file["landmarks"][1:5] = np.random.default_rng(0).uniform(0, 1, (4, 68, 2))
    with pytest.raises(Rejected, match=r"only 2 of 6 frames.*frame 1\)"):
        tracking.run("ann", tmp_path / "t.h5", Sections({"tracking": TRACKING}), **inputs)


def test_no_face_at_all_rejects_the_person(inputs, tmp_path):
    with h5py.File(inputs["landmarks"], "a") as file:
        file["confidence"][:] = 0
    with pytest.raises(Rejected, match="0 of 6"):
        tracking.run("ann", tmp_path / "t.h5", Sections({"tracking": TRACKING}), **inputs)


def test_head_model_stage(tmp_path):
    settings = {
        "source": "anny",
        "path": "models/none.mat",
        "samples": 200,
        "identity": 8,
        "expression": 6,
        "dense": False,
    }
    summary = head_model.run("head_model", tmp_path / "m.h5", Sections({"head_model": settings, "seed": 1}))
    assert (summary["identity"], summary["expression"]) == (8, 6)
    assert load_head_model(tmp_path / "m.h5").identity_basis.shape == (8, 4845, 3)
    with pytest.raises(UserError, match=r"below head_model\.samples"):
        Sections({"head_model": settings | {"identity": 200}})
