"""What a synthetic subject does in a sequence: pose, expression, blinks and looks, smooth over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from h2h.flow_data.expressions import blink, open_jaw
from h2h.tracking.head_model import HeadModel
from h2h.tracking.rotation import rotation_vector_to_matrix

KNOTS = 6  # frames between the random places that a motion passes; at 20 frames a second a third of a second
TURNS = np.deg2rad([9.0, 12.0, 6.0])  # standard deviations: nod, shake, tilt
SHIFTS = np.array([14.0, 9.0, 22.0])  # mm
# of a sequence, all its motion times this: the face then moves as in the demo's clips at 20 frames a second and 128 px,
# 0.1 to 0.35 px in half of the frames and above 0.8 to 2.5 px in one of twenty
LIVELINESS = (0.05, 0.7)
EXPRESSION = 0.6  # standard deviation of a coefficient, in the model's
BOUND = 3.0  # of a coefficient, in the model's standard deviations
JAW_DROP = 16.0  # mm, of a wide open mouth
BLINK = np.array([0.55, 1.0, 0.9, 0.5, 0.15])  # how far closed, frame by frame
BLINKS = 0.06  # started in a frame
LOOKS = 0.15  # changed in a frame
GAZE = np.deg2rad([14.0, 7.0])  # standard deviations: to the side, up and down


@dataclass(frozen=True)
class Performance:
    """Motion of T frames.

    Attributes:
        expression: (T, n_e), s_exp, mm.
        gaze: (T, 2), yaw and pitch of both eyes, radians, as in `h2h.tracking.gaze`.
        rotation: (T, 3, 3), head to camera.
        shift: (T, 3), of the head in the camera's axes, mm.
    """

    expression: np.ndarray
    gaze: np.ndarray
    rotation: np.ndarray
    shift: np.ndarray


def draw_performance(model: HeadModel, frames: int, rng: np.random.Generator) -> Performance:
    """Draw a sequence's motion."""
    lively = np.exp(rng.uniform(*np.log(LIVELINESS)))
    count = len(model.expression_sigma)
    rest, spread = rng.standard_normal((2, count)) * 0.5, np.minimum(lively, 1) * EXPRESSION
    scores = rest[0] + spread * smooth_walk(rng, frames, count)
    expression = np.clip(scores, -BOUND, BOUND) * model.expression_sigma
    jaw = np.clip(smooth_walk(rng, frames, 1), 0, 2) / 2
    expression = expression + jaw * open_jaw(model, JAW_DROP) + blinks(rng, frames)[:, None] * blink(model)
    turns = TURNS * (rng.standard_normal(3) + lively * smooth_walk(rng, frames, 3))
    looks = rng.standard_normal((frames, 2)) * GAZE
    changed = np.maximum.accumulate(np.where(rng.random(frames) < LOOKS, np.arange(frames), 0))
    return Performance(
        expression,
        looks[changed],
        rotation_vector_to_matrix(turns),
        SHIFTS * lively * smooth_walk(rng, frames, 3),
    )


def smooth_walk(rng: np.random.Generator, frames: int, size: int) -> np.ndarray:
    """Cubic splines through standard normal knots, (T, size); where between two knots frame 0 lies is random."""
    knots = int(np.ceil(frames / KNOTS)) + 2
    spline = CubicSpline(np.arange(knots), rng.standard_normal((knots, size)))
    return spline(rng.random() + np.arange(frames) / KNOTS)


def blinks(rng: np.random.Generator, frames: int) -> np.ndarray:
    """How far the eyes are closed, (T,), 0 to 1."""
    starts = rng.random(frames + len(BLINK)) < BLINKS  # also those that began before the first frame
    closed = np.zeros(frames + 2 * len(BLINK))
    for start in np.flatnonzero(starts):
        part = slice(start, start + len(BLINK))
        closed[part] = np.maximum(closed[part], BLINK)
    return closed[len(BLINK) : len(BLINK) + frames]


def turn_eyes(model: HeadModel, vertices: np.ndarray, gaze: np.ndarray) -> np.ndarray:
    """Turn both eyeballs of a shape (N, 3) to where they look (2,)."""
    yaw, pitch = (rotation_vector_to_matrix(angle * axis) for angle, axis in zip(gaze, np.eye(3)[[1, 0]], strict=True))
    turned = vertices.copy()
    for eyeball in model.eyeball:
        centre = vertices[eyeball].mean(axis=0)
        turned[eyeball] = (vertices[eyeball] - centre) @ (yaw @ pitch).T + centre
    return turned
