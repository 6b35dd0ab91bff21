"""Nearest points on a triangle mesh."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

LATTICE = np.array([(i, j, 4 - i - j) for i in range(5) for j in range(5 - i)]) / 4  # 15 places on a triangle
CANDIDATES = 12  # nearest places whose triangles are looked at
TINY = 1e-24


class Surface:
    """Nearest points on a triangle mesh: exact on the triangles around the nearest of 15 places on each."""

    def __init__(self, vertices: np.ndarray, triangles: np.ndarray):
        self.vertices, self.triangles = vertices, triangles
        self._tree = cKDTree((LATTICE @ vertices[triangles]).reshape(-1, 3))

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(P, 3) -> distances (P,), triangles (P,) and barycentric weights (P, 3)."""
        candidates = self._tree.query(points, CANDIDATES)[1] // len(LATTICE)
        weights = nearest_on_triangles(points[:, None], self.vertices[self.triangles[candidates]])
        places = (weights[..., None] * self.vertices[self.triangles[candidates]]).sum(axis=2)
        distance = np.linalg.norm(places - points[:, None], axis=-1)
        best = np.arange(len(points)), distance.argmin(axis=1)
        return distance[best], candidates[best], weights[best]


def nearest_on_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Barycentric weights of the places on triangles that are nearest to points.

    Args:
        points: (..., 3), broadcast against the triangles.
        corners: (..., 3 corners, 3); a triangle without area counts as its edges.

    Returns:
        (..., 3), not negative, of sum 1.
    """
    a, b, c = (corners[..., i, :] for i in range(3))
    normal = np.cross(b - a, c - a)
    double = np.maximum((normal**2).sum(axis=-1), TINY)
    second = (np.cross(points - a, c - a) * normal).sum(axis=-1) / double
    third = (np.cross(b - a, points - a) * normal).sum(axis=-1) / double
    choices = [np.stack([1 - second - third, second, third], axis=-1)]
    flat = double <= TINY
    for start, end in ((0, 1), (1, 2), (2, 0)):
        along = corners[..., end, :] - corners[..., start, :]
        part = ((points - corners[..., start, :]) * along).sum(axis=-1) / np.maximum((along**2).sum(axis=-1), TINY)
        part = np.clip(part, 0, 1)
        weight = np.zeros_like(choices[0])
        weight[..., start], weight[..., end] = 1 - part, part
        choices.append(weight)
    all_weights = np.stack(choices, axis=-2)  # (..., 4, 3): inside, then the edges
    places = all_weights @ corners
    distance = ((places - points[..., None, :]) ** 2).sum(axis=-1)
    distance[..., 0] = np.where((choices[0] >= 0).all(axis=-1) & ~flat, distance[..., 0], np.inf)
    best = distance.argmin(axis=-1)
    return np.take_along_axis(all_weights, best[..., None, None], axis=-2)[..., 0, :]
