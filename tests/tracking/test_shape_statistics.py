import numpy as np

from h2h.tracking.anny_identity import hat_weights
from h2h.tracking.rotation import rotation_vector_to_matrix
from h2h.tracking.shape_statistics import align, principal_components


def test_align_undoes_similarities():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(30, 3))
    turns = rotation_vector_to_matrix(rng.normal(size=(5, 3)))
    moved = 1.7 * reference @ turns + rng.normal(size=(5, 1, 3))
    points = np.arange(30) < 12
    np.testing.assert_allclose(align(moved, reference, points), np.broadcast_to(reference, (5, 30, 3)), atol=1e-9)


def test_principal_components_match_the_svd():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 90)) * np.linspace(3, 0.1, 90)
    rows -= rows.mean(axis=0)
    basis, sigma = principal_components(rows, 6)
    _, singular, vt = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(sigma, singular[:6] / np.sqrt(39), rtol=1e-5)
    np.testing.assert_allclose(np.abs((basis * vt[:6]).sum(axis=1)), 1, rtol=1e-5)


def test_hat_weights_interpolate():
    weights = hat_weights(np.array([0, 0.1, 0.75, 1.0]), (0, 0.5, 1))
    np.testing.assert_allclose(weights, [[1, 0, 0], [0.8, 0.2, 0], [0, 0.5, 0.5], [0, 0, 1]])
