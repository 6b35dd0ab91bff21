import numpy as np
import pytest
from scipy.optimize import lsq_linear
from scipy.sparse import csr_matrix

from h2h.tracking.arrow_quadratic import ArrowQuadratic, minimise_in_box

N, M, WIDTH = 30, 4, 3


def dense_and_arrow(seed):
    """A random positive definite arrow matrix, dense and in the record."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((N, N + M))
    for i in range(N):
        rows[i, max(0, i - WIDTH) : i + 1] = rng.normal(size=i + 1 - max(0, i - WIDTH))
        rows[i, N:] = rng.normal(size=M)
    hessian = rows.T @ rows + 0.5 * np.eye(N + M)
    linear = 5 * rng.normal(size=N + M)
    return hessian, ArrowQuadratic(csr_matrix(hessian[:N, :N]), WIDTH, hessian[:N, N:], hessian[N:, N:], linear)


def test_newton_step_solves_the_dense_system():
    hessian, quadratic = dense_and_arrow(0)
    step = quadratic.newton_step(quadratic.gradient(np.zeros(N + M)), np.ones(N + M, bool))
    np.testing.assert_allclose(step, np.linalg.solve(hessian, quadratic.linear), rtol=1e-8)


def test_newton_step_holds_variables():
    hessian, quadratic = dense_and_arrow(1)
    free = np.random.default_rng(0).random(N + M) < 0.7
    free[[2, N + 1]] = False
    step = quadratic.newton_step(quadratic.gradient(np.zeros(N + M)), free)
    assert (step[~free] == 0).all()
    expected = np.linalg.solve(hessian[np.ix_(free, free)], quadratic.linear[free])
    np.testing.assert_allclose(step[free], expected, rtol=1e-8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0.1, 1.0, 100.0])
def test_box_minimum_equals_scipys_reflective_newton(seed, size):
    hessian, quadratic = dense_and_arrow(seed)
    bound = size * np.random.default_rng(seed).uniform(0.5, 1.5, N + M)
    found = minimise_in_box(quadratic, bound)
    root = np.linalg.cholesky(hessian).T  # f is half of |root x - root^-T linear|^2, up to a constant
    plain = lsq_linear(root, np.linalg.solve(root.T, quadratic.linear), (-bound, bound), method="trf", tol=1e-14).x
    assert (np.abs(found) <= bound).all()
    np.testing.assert_allclose(found, plain, atol=1e-5 * size)
    gradient = quadratic.gradient(found)  # optimality: no way down inside the box
    inside = np.abs(found) < bound
    assert np.abs(gradient[inside]).max(initial=0) < 1e-6
    assert (gradient[~inside] * np.sign(found[~inside]) <= 0).all()
