import numpy as np
import pytest
from scipy.optimize import lsq_linear

from h2h.tracking.video_least_squares import DataTerm, Weights, second_differences, solve_video

N_E, N_I, FREE = 3, 4, 1e6


def problem(count=9, rows=12, seed=0):
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(size=(rows, N_E)), rng.normal(size=(rows, N_I)), 2 * rng.normal(size=rows)) for _ in range(count)
    ]


def solve(frames, segment, weights):
    rows = DataTerm(len(frames), N_I, N_E)
    for t, frame in enumerate(frames):
        rows.set(t, *frame)
    return solve_video(rows, segment, weights)


def solve_dense(frames, segment, weights):
    """The same energy written out row by row."""
    count = len(frames)
    size = count * N_E + N_I
    matrix, right = [], []
    for t, (expression, identity, b) in enumerate(frames):
        block = np.zeros((len(b), size))
        block[:, t * N_E : (t + 1) * N_E] = expression
        block[:, count * N_E :] = identity
        matrix.append(np.sqrt(weights.landmarks) * block)
        right.append(np.sqrt(weights.landmarks) * b)
    prior = np.sqrt(np.r_[np.full(count * N_E, weights.expression), np.full(N_I, weights.identity * count)])
    matrix.append(np.diag(prior))
    for t in range(1, count - 1):
        if segment[t - 1] == segment[t] == segment[t + 1]:
            block = np.zeros((N_E, size))
            for k in range(N_E):
                block[k, [(t - 1) * N_E + k, t * N_E + k, (t + 1) * N_E + k]] = [1, -2, 1]
            matrix.append(np.sqrt(weights.smoothness) * block)
    matrix = np.concatenate(matrix)
    right = np.concatenate([*right, np.zeros(len(matrix) - sum(map(len, right)))])
    bound = np.r_[np.full(count * N_E, weights.expression_bound), np.full(N_I, weights.identity_bound)]
    x = lsq_linear(matrix, right, (-bound, bound), tol=1e-12).x
    return x[count * N_E :], x[: count * N_E].reshape(count, N_E)


@pytest.mark.parametrize("bounds", [(FREE, FREE), (0.2, 0.3)])
def test_equals_the_plain_dense_problem(bounds):
    frames, segment = problem(), np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    weights = Weights(1.5, 0.1, 0.7, 3.0, *bounds)
    found, plain = solve(frames, segment, weights), solve_dense(frames, segment, weights)
    np.testing.assert_allclose(found[0], plain[0], atol=1e-6)
    np.testing.assert_allclose(found[1], plain[1], atol=1e-6)


def test_bounds_hold_and_bite():
    frames, segment = problem(), np.zeros(9, int)
    free = solve(frames, segment, Weights(1, 0.01, 0.01, 0, FREE, FREE))
    z_id, z_exp = solve(frames, segment, Weights(1, 0.01, 0.01, 0, 0.1, 0.25))
    assert np.abs(free[0]).max() > 0.1 and np.abs(free[1]).max() > 0.25
    assert np.abs(z_id).max() <= 0.1 and np.abs(z_exp).max() <= 0.25


def test_second_differences_stay_within_segments():
    matrix = second_differences(np.array([0, 0, 0, 0, 1, 1, 2])).toarray()
    assert matrix.tolist() == [[1, -2, 1, 0, 0, 0, 0], [0, 1, -2, 1, 0, 0, 0]]


def test_smoothness_does_not_cross_segments():
    # equations that say nothing about the identity: only smoothness can couple the frames
    frames = [(e, np.zeros_like(i), b) for e, i, b in problem(count=10, seed=4)]
    rng = np.random.default_rng(9)
    changed = [(e, i, rng.normal(size=len(b)) if t >= 5 else b) for t, (e, i, b) in enumerate(frames)]
    weights = Weights(1, 1, 1, 50, FREE, FREE)
    cut, whole = np.repeat([0, 1], 5), np.zeros(10, int)
    before, after = solve(frames, cut, weights)[1][:5], solve(changed, cut, weights)[1][:5]
    np.testing.assert_allclose(before, after, atol=1e-9)
    before, after = solve(frames, whole, weights)[1][:5], solve(changed, whole, weights)[1][:5]
    assert np.abs(before - after).max() > 0.02


def test_more_smoothness_gives_smaller_second_differences():
    frames, segment = problem(count=15, seed=6), np.zeros(15, int)
    rough, smooth = (solve(frames, segment, Weights(1, 1, 1, w, FREE, FREE))[1] for w in (0, 100))
    assert np.abs(np.diff(smooth, 2, axis=0)).mean() < 0.1 * np.abs(np.diff(rough, 2, axis=0)).mean()
