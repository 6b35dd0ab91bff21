import numpy as np
import pytest

from h2h.tracking.rotation import (
    interpolate_quaternions,
    matrix_to_quaternion,
    quaternion_to_matrix,
    rotation_vector_to_matrix,
)


def random_quaternions(count=200, seed=0):
    q = np.random.default_rng(seed).normal(size=(count, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    return np.where(q[:, :1] < 0, -q, q)


def test_round_trip():
    q = random_quaternions()
    matrix = quaternion_to_matrix(q)
    np.testing.assert_allclose(matrix @ matrix.swapaxes(1, 2), np.broadcast_to(np.eye(3), matrix.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(matrix), 1, atol=1e-12)
    np.testing.assert_allclose(matrix_to_quaternion(matrix), q, atol=1e-9)


@pytest.mark.parametrize("axis", range(3))
def test_half_turns_survive(axis):
    q = np.zeros(4)
    q[1 + axis] = 1
    back = matrix_to_quaternion(quaternion_to_matrix(q))
    assert abs(back @ q) == pytest.approx(1)


def test_rotation_vector_turns_x_to_y():
    matrix = rotation_vector_to_matrix(np.array([0, 0, np.pi / 2]))
    np.testing.assert_allclose(matrix @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation_vector_to_matrix(np.zeros(3)), np.eye(3), atol=1e-12)


def test_interpolation_takes_the_short_way_and_repeats_the_ends():
    half = 0.3
    q = np.zeros((7, 4))
    q[1] = [np.cos(half), 0, np.sin(half), 0]
    q[5] = [-np.cos(half), 0, np.sin(half), 0]  # the same rotation as (cos, 0, -sin, 0)
    known = np.array([False, True, False, False, False, True, False])
    out = interpolate_quaternions(q, known)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1)
    np.testing.assert_allclose(out[3], [1, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(out[0], out[1])
    np.testing.assert_allclose(out[6], out[5])
