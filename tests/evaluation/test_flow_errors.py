import numpy as np
import pytest

from h2h.evaluation.flow_error import mean_errors, no_flow, rounded
from h2h.evaluation.photometric_error import photometric_error, photometric_errors


def constant(u, v):
    return lambda first, second: np.broadcast_to(np.float32([u, v]), (*first.shape[:2], 2))


def test_the_mean_is_over_all_pixels_of_a_part():
    frame, nothing = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3), bool)
    half = np.array([[1, 0, 0], [1, 1, 0]], bool)
    near, far = np.zeros((2, 3, 2), np.float16), np.full((2, 3, 2), np.nan, np.float16)
    far[half] = (6, 8)
    pairs = [
        (frame, frame, {"face": (near, ~nothing), "hair": (near, nothing)}),
        (frame, frame, {"face": (far, half), "hair": (far, nothing)}),
    ]
    found = mean_errors({"rest": no_flow, "other": constant(3, 4)}, pairs)
    assert found["rest"] == {"face": pytest.approx(10 * 3 / 9)}
    assert found["other"] == {"face": pytest.approx((5 * 6 + 5 * 3) / 9)}
    assert rounded({"a": {"b": 1 / 3}}) == {"a": {"b": 0.3333}}


def test_the_true_flow_explains_the_colours():
    rng = np.random.default_rng(0)
    wide = rng.integers(0, 256, (12, 20, 3), np.uint8)
    first, second = wide[:, 4:16], wide[:, 2:14]  # everything moves 2 px to the right
    inner = np.zeros((12, 12), bool)
    inner[2:-2, 2:-4] = True
    assert photometric_error(first, second, constant(2, 0)(first, second), inner) == pytest.approx(0)
    plain = np.linalg.norm(first[inner].astype(float) - second[inner], axis=-1).mean()
    assert photometric_error(first, second, constant(0, 0)(first, second), inner) == pytest.approx(plain)
    nowhere = np.zeros_like(inner)
    assert np.isnan(photometric_error(first, second, constant(0, 0)(first, second), nowhere))
    pairs = [(first, second, inner), (first, second, nowhere), (second, first, inner)]
    found = photometric_errors({"true": constant(2, 0), "none": no_flow}, pairs)
    wrong = photometric_error(second, first, constant(2, 0)(first, second), inner)
    assert found["true"] == pytest.approx(wrong / 2) and found["none"] == pytest.approx(plain)
