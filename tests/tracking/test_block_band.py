import numpy as np
import pytest
from scipy.linalg import cholesky_banded, solve_triangular

from h2h.tracking.block_band import forward_gram


@pytest.mark.parametrize(("size", "width"), [(1, 1), (7, 1), (12, 4), (13, 4), (3, 5), (40, 6), (41, 6)])
def test_equals_the_dense_triangular_solve(size, width):
    rng = np.random.default_rng(size)
    root = 0.3 * np.tril(rng.normal(size=(size, size))) * (np.subtract.outer(np.arange(size), np.arange(size)) <= width)
    root[np.diag_indices(size)] = rng.uniform(1, 2, size)
    matrix = root @ root.T
    band = np.zeros((width + 1, size))
    for k in range(min(width + 1, size)):
        band[k, : size - k] = np.diagonal(matrix, -k)
    factor = cholesky_banded(band, lower=True)
    right = rng.normal(size=(size, 5))
    kept = right.copy()
    free = rng.random(size) < 0.7
    through = solve_triangular(root, right * free[:, None], lower=True)
    np.testing.assert_allclose(forward_gram(factor, right, free), through.T @ through, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(right, kept)
