"""Value noise in space, and its sum over octaves (Perlin 1985, "An image synthesizer")."""

from __future__ import annotations

import numpy as np
from numba import njit

PERIOD = 32  # lattice points a side, after which the noise repeats
PERSISTENCE = 0.6  # amplitude of an octave over the one before it


def value_noise(points: np.ndarray, lattice: np.ndarray) -> np.ndarray:
    """Random numbers at the points of a lattice, blended in between with zero slope at the lattice points.

    Args:
        points: f32 (P, 3), in steps of the lattice.
        lattice: f32 (L, L, L), L a power of two; it repeats.

    Returns:
        f32 (P,), within the lattice's range.
    """
    return _blend(np.ascontiguousarray(points, np.float32), np.ascontiguousarray(lattice, np.float32))


class FractalNoise:
    """A random field in space: octaves of value noise, each with half the wavelength of the one before."""

    def __init__(self, rng: np.random.Generator, octaves: int):
        self._lattices = rng.standard_normal((octaves, PERIOD, PERIOD, PERIOD), np.float32)
        self._shifts = rng.uniform(0, PERIOD, (octaves, 3)).astype(np.float32)

    def __call__(self, points: np.ndarray, wavelength: float | tuple[float, float, float]) -> np.ndarray:
        """Values with the mean 0 and a standard deviation of about a half.

        Args:
            points: (P, 3).
            wavelength: of the first octave, in the points' unit; one number, or one for each axis.

        Returns:
            f32 (P,).
        """
        places = (points / np.asarray(wavelength)).astype(np.float32)
        total, amplitude, power = np.zeros(len(points), np.float32), 1.0, 0.0
        for lattice, shift in zip(self._lattices, self._shifts, strict=True):
            total += np.float32(amplitude) * value_noise(places + shift, lattice)
            power += amplitude**2
            places, amplitude = places * 2, amplitude * PERSISTENCE
        return total / np.float32(np.sqrt(power))


def smoothstep(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high` (or the other way round), a smooth passage in between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


@njit(cache=True)
def _blend(points, lattice):
    wrap = lattice.shape[0] - 1
    out = np.empty(len(points), np.float32)
    for row in range(len(points)):
        x, y, z = points[row, 0], points[row, 1], points[row, 2]
        floor_x, floor_y, floor_z = np.floor(x), np.floor(y), np.floor(z)
        x, y, z = x - floor_x, y - floor_y, z - floor_z
        x, y, z = x * x * (3 - 2 * x), y * y * (3 - 2 * y), z * z * (3 - 2 * z)
        i, j, k = int(floor_x) & wrap, int(floor_y) & wrap, int(floor_z) & wrap
        i1, j1, k1 = (i + 1) & wrap, (j + 1) & wrap, (k + 1) & wrap
        near = (lattice[i, j, k] * (1 - z) + lattice[i, j, k1] * z) * (1 - y)
        near += (lattice[i, j1, k] * (1 - z) + lattice[i, j1, k1] * z) * y
        far = (lattice[i1, j, k] * (1 - z) + lattice[i1, j, k1] * z) * (1 - y)
        far += (lattice[i1, j1, k] * (1 - z) + lattice[i1, j1, k1] * z) * y
        out[row] = near * (1 - x) + far * x
    return out
