"""Scaled orthographic (SOP) cameras from 3D-2D correspondences, one per frame, for a whole video at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from h2h.tracking.rotation import matrix_to_quaternion, quaternion_to_matrix, rotation_vector_to_matrix

ITERATIONS = 6
CHUNK = 1000  # frames
HUBER = 1.5  # robust standard deviations from which a point's pull stops growing
DAMPING = 1e-6


@dataclass(frozen=True)
class Cameras:
    """SOP cameras of T frames.

    Attributes:
        scale: f64 (T,), crop fractions a millimetre.
        rotation: f64 (T, 4), quaternions, head to camera.
        translation: f64 (T, 2), crop fractions.
    """

    scale: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray

    @cached_property
    def matrix(self) -> np.ndarray:
        """(T, 3, 3)."""
        return quaternion_to_matrix(self.rotation)


def fit_cameras(points: np.ndarray, image: np.ndarray, weights: np.ndarray) -> Cameras:
    """Least squares SOP cameras, robust to single bad points.

    An affine camera is orthonormalised (scaled-orthographic Procrustes), then refined by Gauss-Newton steps on the
    reprojection error with Huber weights.

    Args:
        points: (T, P, 3), mm.
        image: (T, P, 2), crop fractions.
        weights: (T, P) or (P,), of the squared errors; at least four points that do not lie in a plane must count.

    Returns:
        A proper rotation and a positive scale for every frame.
    """
    weights = np.broadcast_to(weights, image.shape[:2])
    parts = []
    for first in range(0, len(points), CHUNK):  # the Jacobians of a long video would not fit into memory
        some = [values[first : first + CHUNK].astype(np.float64) for values in (points, image, weights)]
        scale, rotation, translation = _procrustes(*some)
        parts.append(refine_cameras(Cameras(scale, matrix_to_quaternion(rotation), translation), *some, ITERATIONS))
    return Cameras(*(np.concatenate([getattr(p, key) for p in parts]) for key in ("scale", "rotation", "translation")))


def refine_cameras(
    start: Cameras, points: np.ndarray, image: np.ndarray, weights: np.ndarray, iterations: int
) -> Cameras:
    """Gauss-Newton steps from given cameras; arguments as in `fit_cameras`."""
    scale, rotation, translation = start.scale, start.matrix, start.translation
    for _ in range(iterations):
        turned = points @ np.swapaxes(rotation, 1, 2)
        # in millimetres: a frame's size must not matter
        error = turned[..., :2] - (image - translation[:, None]) / scale[:, None, None]
        step = _gauss_newton_step(turned, error, weights * huber_weights(error, weights))
        rotation = rotation_vector_to_matrix(step[:, 1:4]) @ rotation
        translation = translation + scale[:, None] * step[:, 4:]
        scale = scale * np.exp(np.clip(step[:, 0], -0.5, 0.5))
    return Cameras(scale, matrix_to_quaternion(rotation), translation)


def huber_weights(error: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weights in (0, 1] for errors (T, P, 2); the spread is each frame's own, from its median error."""
    length = np.linalg.norm(error, axis=-1)
    counted = weights > 0
    ordered = np.sort(np.where(counted, length, np.inf), axis=1)
    middle = np.maximum(counted.sum(axis=1) - 1, 0) // 2
    spread = ordered[np.arange(len(length)), middle][:, None] / 1.1774  # median of a Rayleigh distribution
    return np.minimum(1, HUBER * spread / np.maximum(length, 1e-12))


def camera_jacobian(turned: np.ndarray) -> np.ndarray:
    """What log scale, a rotation vector and a translation (mm) do to projected points, in millimetres.

    Args:
        turned: (..., P, 3), the points in the camera's axes.

    Returns:
        (..., P, 2, 6).
    """
    x, y, z = np.moveaxis(turned, -1, 0)
    jacobian = np.zeros((*x.shape, 2, 6))
    # a larger scale shrinks the image in millimetres, which has the same effect as growing the model
    jacobian[..., 0, 0], jacobian[..., 0, 2], jacobian[..., 0, 3], jacobian[..., 0, 4] = x, z, -y, 1
    jacobian[..., 1, 0], jacobian[..., 1, 1], jacobian[..., 1, 3], jacobian[..., 1, 5] = y, -z, x, 1
    return jacobian


def _procrustes(
    points: np.ndarray, image: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    share = weights / weights.sum(axis=1, keepdims=True)
    centre3, centre2 = np.einsum("tp,tpd->td", share, points), np.einsum("tp,tpd->td", share, image)
    x, y = points - centre3[:, None], image - centre2[:, None]
    moment = np.einsum("tp,tpi,tpj->tij", share, x, x)
    moment += 1e-9 * np.trace(moment, axis1=1, axis2=2)[:, None, None] * np.eye(3)
    affine = np.linalg.solve(moment, np.einsum("tp,tpi,tpj->tij", share, x, y)).swapaxes(1, 2)  # (T, 2, 3)
    u, singular, vt = np.linalg.svd(affine, full_matrices=False)
    rows = u @ vt
    rotation = np.concatenate([rows, np.cross(rows[:, 0], rows[:, 1])[:, None]], axis=1)
    scale = np.maximum(singular.mean(axis=1), 1e-9)
    return scale, rotation, centre2 - scale[:, None] * np.einsum("tij,tj->ti", rows, centre3)


def _gauss_newton_step(turned: np.ndarray, error: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Log scale, rotation vector and translation (mm): (T, 6)."""
    jacobian = camera_jacobian(turned)
    flat = jacobian.reshape(len(turned), -1, 6)
    weighted = (flat * np.repeat(weights, 2, axis=1)[..., None]).swapaxes(1, 2)
    hessian = weighted @ flat
    gradient = (weighted @ error.reshape(len(turned), -1, 1))[..., 0]
    diagonal = np.einsum("tii->ti", hessian)
    hessian = hessian + (DAMPING * diagonal + 1e-12)[:, :, None] * np.eye(6)
    return -np.linalg.solve(hessian, gradient[..., None])[..., 0]
