import numpy as np
import pytest

from h2h.head_models import dense_points
from h2h.head_models.dense_points import BROW, IRIS, LIP, SHIFT, WHITE, painted, with_dense_points
from h2h.landmarks.mediapipe_mesh import ibug68
from h2h.tracking.head_model import INTERNAL
from h2h.tracking.landmark_basis import OVAL


@pytest.fixture(scope="module")
def dense(reference):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_points, "VIEWS", 10)
        return with_dense_points(reference, seed=0)


def test_points_lie_on_the_skin(reference, dense):
    assert dense.dense_triangles.shape == dense.dense_weights.shape == (468, 3)
    known = dense.dense_weights.any(axis=1)
    assert known.sum() > 440
    np.testing.assert_allclose(dense.dense_weights[known].sum(axis=1), 1, rtol=1e-5)
    skin = {tuple(t) for t in reference.triangles[reference.region != INTERNAL].tolist()}
    assert all(tuple(t) in skin for t in dense.dense_triangles[known].tolist())


def test_they_agree_with_the_landmarks(reference, dense):
    """The 68 points are means of one or two of the 468; the model's own were placed by hand."""
    points = dense.dense_points(dense.mean)
    found = ibug68(np.concatenate([points, np.zeros((10, 3))]))
    error = np.linalg.norm(found - reference.landmarks(reference.mean), axis=1)
    assert np.median(error[27:]) < 2.5 and error[27:].max() < 8  # mm; eyes, nose and mouth
    left, right = points[263], points[33]  # outer eye corners
    np.testing.assert_allclose(left, right * [-1, 1, 1], atol=3)


def test_the_shift_is_small_and_leaves_the_outline():
    assert SHIFT.shape == (468, 3) and not SHIFT[list(OVAL)].any()
    length = np.linalg.norm(SHIFT, axis=1)
    assert 0.5 < np.median(length) < 2 and length.max() < 12  # mm


def test_the_shift_is_applied(reference, dense, monkeypatch):
    monkeypatch.setattr(dense_points, "SHIFT", np.zeros_like(SHIFT))
    monkeypatch.setattr(dense_points, "VIEWS", 10)
    without = with_dense_points(reference, seed=0)
    moved = dense.dense_points(dense.mean) - without.dense_points(without.mean)
    known = dense.dense_weights.any(axis=1) & without.dense_weights.any(axis=1)
    assert np.median(np.linalg.norm(moved - SHIFT, axis=1)[known]) < 0.3


def test_they_ride_on_the_mesh(dense):
    shape = dense.shape(2 * dense.identity_sigma * np.eye(20)[0], 2 * dense.expression_sigma * np.eye(30)[0])
    moved, still = dense.dense_points(shape), dense.dense_points(dense.mean)
    assert np.linalg.norm(moved - still, axis=1).max() > 5


def test_paint(reference):
    colours = painted(reference)
    is_colour = lambda c: (colours == c).all(axis=1)  # noqa: E731
    points = reference.landmarks(reference.mean)
    assert 8 < is_colour(BROW).sum() < 300 and 40 < is_colour(LIP).sum() < 800
    assert np.linalg.norm(reference.mean[is_colour(LIP)].mean(axis=0) - points[48:60].mean(axis=0)) < 12
    assert is_colour(IRIS).sum() >= 16 and is_colour(WHITE).sum() > 100
    assert (reference.mean[is_colour(IRIS), 2] < reference.eyes(reference.mean).centre[0, 2]).all()


def test_a_model_that_is_no_face_gets_none(reference, monkeypatch):
    monkeypatch.setattr(dense_points, "VIEWS", 1)
    monkeypatch.setattr(dense_points, "painted", lambda model: np.full((len(model.mean), 3), 60.0))
    from dataclasses import replace

    flat = replace(reference, mean=reference.mean * np.array([1, 0.02, 1], np.float32))
    found = with_dense_points(flat, seed=0)
    assert found.dense_triangles.shape == (0, 3) and found is flat
