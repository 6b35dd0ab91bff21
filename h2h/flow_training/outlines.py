"""Outlines of shapes: ellipses, polygons and blobs, as radii about a centre."""

from __future__ import annotations

import numpy as np

ANGLES = 256  # radii of an outline
WAVES = 4  # cycles in a turn of the quickest wave of a blob
JITTER = 0.2  # of a polygon's corners, over their distance; two neighbours stay less than half a turn apart


def draw_outline(rng: np.random.Generator) -> np.ndarray:
    """Radii (ANGLES,) at equal angles from 0 on, the largest is 1."""
    theta = 2 * np.pi * np.arange(ANGLES) / ANGLES + rng.uniform(0, 2 * np.pi)
    kind = rng.integers(3)
    if kind == 0:
        radii = ellipse(theta, rng.uniform(0.25, 1.0))
    elif kind == 1:
        count = int(rng.integers(3, 9))
        corners = 2 * np.pi * (np.arange(count) + rng.uniform(-JITTER, JITTER, count)) / count
        radii = polygon(theta, corners, rng.uniform(0.4, 1.0, count))
    else:
        radii = blob(theta, 0.25 * rng.standard_normal((WAVES, 2)) / np.arange(1, WAVES + 1)[:, None])
    return radii / radii.max()


def ellipse(theta: np.ndarray, aspect: float) -> np.ndarray:
    """Radii of an ellipse with half axes 1 (at angle 0) and `aspect`."""
    return aspect / np.hypot(aspect * np.cos(theta), np.sin(theta))


def polygon(theta: np.ndarray, corners: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Radii of a polygon around the origin.

    Args:
        theta: where.
        corners: (n,) angles of the corners, rising, within one turn, neighbours less than half a turn apart.
        radii: (n,) of the corners.
    """
    x, y = radii * np.cos(corners), radii * np.sin(corners)
    start = np.searchsorted(corners, (theta - corners[0]) % (2 * np.pi) + corners[0], side="right") - 1
    end = (start + 1) % len(corners)
    dx, dy = x[end] - x[start], y[end] - y[start]
    return (x[start] * dy - y[start] * dx) / (np.cos(theta) * dy - np.sin(theta) * dx)


def blob(theta: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """Radii exp(sum of waves); `waves` (n, 2) are amplitudes of cosine and sine, from one cycle in a turn on."""
    cycles = theta[:, None] * np.arange(1, len(waves) + 1)
    return np.exp(np.cos(cycles) @ waves[:, 0] + np.sin(cycles) @ waves[:, 1])
