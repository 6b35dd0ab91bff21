"""Videos of the head model with known parameters, as a detector of 68 points would see them."""

from dataclasses import dataclass

import numpy as np

from h2h.tracking.camera import project
from h2h.tracking.head_model import HeadModel

SIZE = 256  # px
YAW, PITCH, ROLL = np.deg2rad([45.0, 15.0, 15.0])


@dataclass
class Video:
    """T frames: what is seen, and the truth.

    Attributes:
        landmarks: (T, 68, 2), fractions of the picture, with noise.
        clean: the same without noise.
        neutral: (N, 3), mm.
        expression: (T, n_e), mm.
        rotation: (T, 4).
        scale: (T,).
        translation: (T, 2).
    """

    landmarks: np.ndarray
    clean: np.ndarray
    neutral: np.ndarray
    expression: np.ndarray
    rotation: np.ndarray
    scale: np.ndarray
    translation: np.ndarray


def synthetic_video(
    model: HeadModel, neutral: np.ndarray, count: int, rng: np.random.Generator, noise: float = 0.5
) -> Video:
    """Smooth expressions of one standard deviation, and smooth poses up to 45 degrees of yaw.

    Args:
        model: gives expressions and landmarks.
        neutral: (N, 3), whose face, mm.
        count: T.
        rng: all randomness.
        noise: standard deviation of the landmarks' noise, px at 256.
    """
    expression = _waves(count, len(model.expression_sigma), rng) * model.expression_sigma
    yaw, pitch, roll = (_waves(count, 1, rng)[:, 0] for _ in range(3))
    yaw, pitch, roll = (a / np.abs(a).max() * most for a, most in ((yaw, YAW), (pitch, PITCH), (roll, ROLL)))
    rotation = _product(_about(roll, 2), _product(_about(yaw, 1), _about(pitch, 0)))
    scale = 1.15 / SIZE * (1 + 0.05 * _waves(count, 1, rng)[:, 0])
    translation = 0.5 + 0.02 * _waves(count, 2, rng)
    shapes = neutral + np.tensordot(expression, model.expression_basis, 1)
    clean = project(model.landmarks(shapes), scale, rotation, translation)[..., :2]
    seen = clean + rng.normal(size=clean.shape) * noise / SIZE
    return Video(seen, clean, neutral, expression, rotation, scale, translation)


def _waves(count: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth signals (T, columns) with mean 0 and standard deviation 1, about 0.2 to 1.2 Hz at 20 fps."""
    t = np.arange(count)[:, None, None] / 20
    frequency, phase = rng.uniform(0.2, 1.2, (1, columns, 4)), rng.uniform(0, 2 * np.pi, (1, columns, 4))
    signal = np.sin(2 * np.pi * frequency * t + phase).sum(axis=-1)
    return (signal - signal.mean(axis=0)) / signal.std(axis=0)


def _about(angle: np.ndarray, axis: int) -> np.ndarray:
    quaternion = np.zeros((len(angle), 4))
    quaternion[:, 0], quaternion[:, 1 + axis] = np.cos(angle / 2), np.sin(angle / 2)
    return quaternion


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    w, v, x, u = a[:, :1], a[:, 1:], b[:, :1], b[:, 1:]
    return np.concatenate([w * x - (v * u).sum(axis=1, keepdims=True), w * u + x * v + np.cross(v, u)], axis=1)
