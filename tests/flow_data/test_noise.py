import math

import numpy as np
import pytest

from h2h.flow_data.noise import PERIOD, FractalNoise, smoothstep, value_noise


def plain_value_noise(point, lattice):
    """One point, one lattice corner after the other."""
    side, total = len(lattice), 0.0
    cell = [math.floor(v) for v in point]
    for corner in np.ndindex(2, 2, 2):
        weight = 1.0
        for axis in range(3):
            t = point[axis] - cell[axis]
            t = t * t * (3 - 2 * t)
            weight *= t if corner[axis] else 1 - t
        total += weight * float(lattice[tuple((cell[axis] + corner[axis]) % side for axis in range(3))])
    return total


def test_the_kernel_is_the_plain_sum_also_across_the_lattices_edge():
    rng = np.random.default_rng(0)
    lattice = rng.standard_normal((8, 8, 8)).astype(np.float32)
    points = rng.uniform(-20, 20, (200, 3)).astype(np.float32)
    points[:10] = np.round(points[:10])
    wanted = [plain_value_noise(point.astype(np.float64), lattice) for point in points]
    np.testing.assert_allclose(value_noise(points, lattice), wanted, atol=2e-5)


def test_a_field_is_smooth_repeats_late_and_has_octaves():
    field = FractalNoise(np.random.default_rng(1), 4)
    points = np.random.default_rng(2).uniform(-100, 100, (5000, 3))
    values = field(points, 10.0)
    assert values.dtype == np.float32 and abs(values.mean()) < 0.1 and 0.3 < values.std() < 0.7
    np.testing.assert_allclose(field(points + np.array([PERIOD * 10.0, 0, 0]), 10.0), values, atol=2e-3)
    near = np.abs(field(points + np.array([0.02, 0, 0]), 10.0) - values)
    assert near.max() < 0.1 < np.abs(field(points + np.array([2, 0, 0]), 10.0) - values).max()
    stretched = np.abs(field(points + np.array([0, 2, 0]), (10.0, 200.0, 10.0)) - field(points, (10.0, 200.0, 10.0)))
    assert stretched.mean() < 0.3 * np.abs(field(points + np.array([0, 2, 0]), 10.0) - values).mean()


@pytest.mark.parametrize("low, high, wanted", [(0, 2, [0, 0, 0.5, 1]), (2, 0, [1, 1, 0.5, 0])])
def test_smoothstep(low, high, wanted):
    np.testing.assert_allclose(smoothstep(np.array([-1, 0, 1, 2.5]), low, high), wanted)
