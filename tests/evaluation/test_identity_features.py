import numpy as np
import pytest

from h2h.errors import MissingAsset
from h2h.evaluation import identity_features as ident
from h2h.landmarks.mediapipe_mesh import MeshDetector


@pytest.fixture(scope="module")
def points(face):
    with MeshDetector() as detector:
        return detector(face).landmarks


def test_alignment_meets_the_template(face, points):
    """Landmarks warped like the picture land on ArcFace's template points."""
    import cv2

    pixels = ident.five_points(points) * len(face) - 0.5
    matrix, _ = cv2.estimateAffinePartial2D(pixels, ident.TEMPLATE, method=cv2.LMEDS)
    moved = pixels @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(moved - ident.TEMPLATE).max() < 8
    assert ident.align(face, points).shape == (112, 112, 3)


def test_dlib_features_are_unit_and_stable(face, points):
    extract = ident.DlibFeatures()
    a, b = extract(face, points), extract(np.clip(face * 0.95, 0, 255).astype(np.uint8), points)
    assert np.linalg.norm(a) == pytest.approx(1) and a @ b > 0.97
    assert a @ extract(np.zeros_like(face), points) < 0.9


def test_choice_and_missing_arcface(tmp_path):
    absent = tmp_path / "arcface.onnx"
    assert ident.choose("auto", absent) == "dlib" and ident.choose("dlib", absent) == "dlib"
    with pytest.raises(MissingAsset, match=r"arcface\.onnx"):
        ident.choose("arcface", absent)
    absent.write_bytes(b"x")
    assert ident.choose("auto", absent) == "arcface"
