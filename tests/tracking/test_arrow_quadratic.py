import numpy as np
import pytest
from scipy.optimize import lsq_linear
from scipy.sparse import csr_matrix

from h2h.tracking.arrow_quadratic import ArrowQuadratic, minimise_in_box

T, E, M = 11, 3, 4
N = T * E


def dense_and_arrow(seed):
    """A random positive definite arrow matrix, dense and in the record."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(size=(T, 5, E + M))
    own = np.einsum("tri,trj->tij", frames[..., :E], frames[..., :E]) + 0.5 * np.eye(E)
    coupling = np.einsum("tri,trj->tij", frames[..., :E], frames[..., E:])
    corner = np.einsum("tri,trj->ij", frames[..., E:], frames[..., E:]) + 0.5 * np.eye(M)
    differences = rng.normal(size=(T - 2, 1)) * (np.eye(T)[:-2] - 2 * np.eye(T)[1:-1] + np.eye(T)[2:])
    between = differences.T @ differences
    hessian = np.zeros((N + M, N + M))
    for t in range(T):
        hessian[t * E : (t + 1) * E, t * E : (t + 1) * E] = own[t]
    hessian[:N, :N] += np.kron(between, np.eye(E))
    hessian[:N, N:] = coupling.reshape(N, M)
    hessian[N:, :N] = hessian[:N, N:].T
    hessian[N:, N:] = corner
    linear = 5 * rng.normal(size=N + M)
    return hessian, ArrowQuadratic(own, csr_matrix(between), coupling, corner, linear)


def test_gradient_value_and_diagonal():
    hessian, quadratic = dense_and_arrow(3)
    x = np.random.default_rng(1).normal(size=N + M)
    gradient = quadratic.gradient(x)
    np.testing.assert_allclose(gradient, hessian @ x - quadratic.linear, rtol=1e-9, atol=1e-9)
    assert quadratic.value(x, gradient) == pytest.approx(0.5 * x @ hessian @ x - quadratic.linear @ x)
    np.testing.assert_allclose(quadratic.diagonal(), np.diag(hessian))


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
    again = minimise_in_box(quadratic, bound, start=np.random.default_rng(7).normal(size=N + M))
    np.testing.assert_allclose(again, found, atol=1e-7 * max(size, 1))
    np.testing.assert_allclose(found, plain, atol=1e-5 * size)
    gradient = quadratic.gradient(found)  # optimality: no way down inside the box
    inside = np.abs(found) < bound
    assert np.abs(gradient[inside]).max(initial=0) < 1e-6
    assert (gradient[~inside] * np.sign(found[~inside]) <= 0).all()
