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


def on_the_template():
    """Landmarks of a picture of 112 px whose face is where ArcFace wants it; pixel i is at (i + 0.5) / 112."""
    landmarks = np.full((68, 2), 0.5)
    for index, place in zip((slice(36, 42), slice(42, 48), 30, 48, 54), ident.TEMPLATE, strict=True):
        landmarks[index] = (place + 0.5) / 112
    return landmarks


def test_a_face_on_the_template_stays_where_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    assert np.abs(ident.align(picture, on_the_template()).astype(int) - picture)[1:-1, 1:-1].max() <= 1


def test_arcface_sees_rgb_around_zero(tmp_path):
    """A network of the released one's form that gives the mean of each channel."""
    from onnx import TensorProto, helper, save

    image, feature = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("data", [1, 3, 112, 112]), ("fc1", [1, 3]))
    )
    nodes = [helper.make_node("GlobalAveragePool", ["data"], ["mean"]), helper.make_node("Flatten", ["mean"], ["fc1"])]
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph(nodes, "mean", [image], [feature]), opset_imports=opset, ir_version=9)
    save(model, tmp_path / "arcface.onnx")
    extract = ident.network("arcface", tmp_path / "arcface.onnx")
    red = np.full((112, 112, 3), (255, 255, 0), np.uint8) - np.array((0, 255 - 127, 0), np.uint8)
    np.testing.assert_allclose(extract(red, on_the_template()), [0.707, -0.003, -0.707], atol=5e-3)
