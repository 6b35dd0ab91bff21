"""Unit quaternions (w, x, y, z) and rotation matrices, batched."""

from __future__ import annotations

import numpy as np


def quaternion_to_matrix(quaternion: np.ndarray) -> np.ndarray:
    """(..., 4) of any length but 0 -> (..., 3, 3), f64."""
    q = np.asarray(quaternion, np.float64)
    w, x, y, z = np.moveaxis(q / np.linalg.norm(q, axis=-1, keepdims=True), -1, 0)
    matrix = np.empty((*q.shape[:-1], 3, 3))
    matrix[..., 0, 0], matrix[..., 0, 1] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z)
    matrix[..., 0, 2], matrix[..., 1, 0] = 2 * (x * z + w * y), 2 * (x * y + w * z)
    matrix[..., 1, 1], matrix[..., 1, 2] = 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    matrix[..., 2, 0], matrix[..., 2, 1] = 2 * (x * z - w * y), 2 * (y * z + w * x)
    matrix[..., 2, 2] = 1 - 2 * (x * x + y * y)
    return matrix


def matrix_to_quaternion(matrix: np.ndarray) -> np.ndarray:
    """(..., 3, 3) -> unit (..., 4) with w >= 0, f64 (largest eigenvector, Bar-Itzhack 2000)."""
    m = np.asarray(matrix, np.float64)
    k = np.empty((*m.shape[:-2], 4, 4))
    off = lambda i, j: m[..., i, j]  # noqa: E731
    k[..., 0, 0] = off(0, 0) + off(1, 1) + off(2, 2)
    for i, (a, b) in enumerate(((2, 1), (0, 2), (1, 0)), start=1):
        k[..., 0, i] = k[..., i, 0] = off(a, b) - off(b, a)
        k[..., i, i] = 2 * off(i - 1, i - 1) - k[..., 0, 0]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        k[..., i + 1, j + 1] = k[..., j + 1, i + 1] = off(i, j) + off(j, i)
    quaternion = np.linalg.eigh(k)[1][..., -1]
    return np.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def rotation_vector_to_matrix(vector: np.ndarray) -> np.ndarray:
    """Axis times angle in radians (..., 3) -> (..., 3, 3)."""
    v = np.asarray(vector, np.float64)
    half = np.linalg.norm(v, axis=-1, keepdims=True) / 2
    return quaternion_to_matrix(np.concatenate([np.cos(half), v / 2 * np.sinc(half / np.pi)], axis=-1))


def interpolate_quaternions(quaternion: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Replace unknown frames of (T, 4) by normalised linear interpolation between the known ones around them.

    Before the first and after the last known frame the nearest one is repeated; with none known nothing changes.
    """
    good = np.flatnonzero(known)
    if not len(good):
        return quaternion
    q = quaternion[good].astype(np.float64)
    flips = np.cumprod(np.where((q[1:] * q[:-1]).sum(axis=1) < 0, -1.0, 1.0))
    q[1:] *= flips[:, None]  # q and -q are the same rotation: take the nearer one
    frames = np.arange(len(quaternion))
    mixed = np.stack([np.interp(frames, good, q[:, i]) for i in range(4)], axis=1)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    mixed[mixed[:, 0] < 0] *= -1
    return mixed.astype(quaternion.dtype)
