"""The real detectors on a real face."""

import numpy as np
import pytest

from h2h.errors import MissingAsset


def test_mtcnn_finds_the_face_at_both_scales(face):
    from h2h.landmarks.detector import FaceDetector

    boxes = FaceDetector(360, 24, 0.9)([face])[0]
    half = FaceDetector(128, 24, 0.9)([face])[0]
    assert len(boxes) == 1
    assert np.abs(boxes - half).max() < 20
    assert len(FaceDetector(360, 24, 0.9)([np.zeros_like(face)])[0]) == 0
    assert FaceDetector(360, 24, 0.9)([face[:20], face[20:40]])[1].shape == (0, 4)  # no face of 24 px fits in


def test_mesh_points_lie_where_a_face_has_them(face):
    from h2h.landmarks.mediapipe_mesh import MeshDetector

    with MeshDetector() as detector:
        points = detector(face)
        assert detector(np.zeros((64, 64, 3), np.uint8)) is None
    assert points.landmarks.shape == (68, 2) and points.iris.shape == (2, 5, 2) and points.dense.shape == (478, 3)
    eyes, nose, mouth, chin = points.landmarks[36:48], points.landmarks[30], points.landmarks[48:], points.landmarks[8]
    assert eyes[:, 1].max() < nose[1] < mouth[:, 1].mean() < chin[1]
    # the subject's right eye is on the picture's left, and each iris lies in its eye
    assert points.landmarks[36:42, 0].mean() < points.landmarks[42:48, 0].mean()
    for iris, eye in zip(points.iris, (points.landmarks[36:42], points.landmarks[42:48]), strict=True):
        assert (eye.min(0) - 0.01 < iris[0]).all() and (iris[0] < eye.max(0) + 0.01).all()


def test_identity_features_tell_a_face_from_a_flipped_crop_of_nothing(face):
    from h2h.landmarks.detector import FaceDetector
    from h2h.landmarks.identity import descriptor

    box = FaceDetector(360, 24, 0.9)([face])[0][0]
    a, b = descriptor(face, box), descriptor(np.clip(face * 0.9, 0, 255).astype(np.uint8), box + 2)
    assert np.linalg.norm(a - b) < 0.3
    assert np.linalg.norm(a - descriptor(np.zeros_like(face), box)) > 0.6


def test_fan_says_what_is_missing(tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    from h2h.landmarks.fan import FanDetector

    with pytest.raises(MissingAsset, match="2DFAN4"):
        FanDetector()
