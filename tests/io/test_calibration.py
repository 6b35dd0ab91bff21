import json
import re

import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.calibration import Calibration, read_calibration, write_calibration

GOOD = {
    "image_size": [640, 480],
    "camera_matrix": [[800, 0, 320], [0, 810, 240], [0, 0, 1]],
    "rotation": np.eye(3).tolist(),
    "translation": [0, 0, 1000],
}


def test_round_trip(tmp_path):
    angle = 0.3
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    matrix = np.array(GOOD["camera_matrix"], float)
    wanted = Calibration(640, 480, matrix, turn, np.array([1.0, 2, 3]), np.array([0.1, 0, 0, 0, -0.2]))
    write_calibration(tmp_path / "calibration.json", wanted)
    found = read_calibration(tmp_path / "calibration.json")
    assert (found.width, found.height) == (640, 480)
    for key in ("intrinsics", "rotation", "translation", "distortion"):
        np.testing.assert_array_equal(getattr(found, key), getattr(wanted, key))


def test_distortion_may_be_left_out(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps(GOOD))
    assert not read_calibration(tmp_path / "c.json").distortion.any()


@pytest.mark.parametrize(
    "change, what",
    [
        ({"image_size": [640.5, 480]}, "image_size is"),
        ({"image_size": [640, 1e9]}, "image_size is"),
        ({"camera_matrix": [[-800, 0, 320], [0, 810, 240], [0, 0, 1]]}, "camera_matrix is"),
        ({"camera_matrix": [[800, 0, 320], [0, 810, 240], [0, 0, 2]]}, "camera_matrix is"),
        ({"camera_matrix": [800, 810, 320, 240]}, r"camera_matrix has the shape \(4,\)"),
        ({"rotation": np.diag([1, 1, -1]).tolist()}, "no rotation matrix"),
        ({"rotation": np.diag([1, 1, 1.1]).tolist()}, "no rotation matrix"),
        ({"translation": [0, 0, float("nan")]}, "translation is not finite"),
        ({"translation": ["a", "b", "c"]}, "translation is not made of numbers"),
        ({"distortion": [0.1]}, "distortion has the shape"),
        ({"distortion": None}, "distortion is not made of numbers"),
        ({"distortion": [1e9, 0, 0, 0, 0]}, "distortion is .*, that leaves 0% of the straightened picture"),
        ({"image_size": ["640", "480"]}, "image_size is not made of numbers"),
        ({"image_size": [640, True]}, "image_size is not made of numbers"),
        ({"distorsion": [-0.3, 0, 0, 0, 0]}, "unknown key 'distorsion', perhaps distortion is meant"),
        ({"comment": "\x1b[31m"}, r"it has an unknown key 'comment'$"),
    ],
)
def test_what_is_no_camera_is_refused(tmp_path, change, what):
    (tmp_path / "c.json").write_text(json.dumps(GOOD | change))
    with pytest.raises(UserError) as error:
        read_calibration(tmp_path / "c.json")
    assert re.search(what, error.value.what), error.value.what


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert read_calibration(tmp_path / "c.json").width == 640


@pytest.mark.parametrize("text", ["", "[1, 2]", "[" * 100_000, "{", '{"image_size": [1, 2]}', "\xff\xfe"])
def test_damaged_files_are_refused(tmp_path, text):
    (tmp_path / "c.json").write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match="cannot be used"):
        read_calibration(tmp_path / "c.json")
