"""What is behind a synthetic head: a wall or a photograph, shoulders, long hair."""

from __future__ import annotations

import cv2
import numpy as np

from h2h.flow_data.layers import Layer, following, similarity
from h2h.flow_data.noise import FractalNoise, smoothstep
from h2h.flow_data.performance import smooth_walk

STILL = 0.35  # of the sequences have a still background, as a camera on a tripod sees it
SWAY = np.array([0.03, 0.02])  # standard deviation of the background's place, of the picture's side
ZOOM, TURN = 0.03, np.deg2rad(2.0)  # of its zoom and its turn
SPEED = (0.3, 2.0)  # of a sequence, all its background's motion times this
MARGIN = 1.5  # a drawn wall's side over the picture's


def draw_plate(rng: np.random.Generator, side: int) -> np.ndarray:
    """A wall by chance: a gradient, clouds of colour, and things before it. -> f32 (side, side, 3), 0 to 1."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    corners = rng.uniform(0.1, 0.9, (3, 3)) * 0.6 + rng.uniform(0.05, 0.4)
    plate = corners[0] + x[..., None] * (corners[1] - corners[0]) + y[..., None] * (corners[2] - corners[0])
    plate = plate + rng.uniform(0, 0.25) * _clouds(rng, side, rng.uniform(0.1, 0.8), 5)
    for _ in range(rng.integers(0, 14)):
        plate = _thing(rng, plate)
    if rng.random() < 0.4:  # out of focus, as behind a near face
        plate = cv2.GaussianBlur(plate, (0, 0), rng.uniform(0.003, 0.02) * side)
    return np.clip(plate, 0, 1).astype(np.float32)


def plate_layer(rng: np.random.Generator, plate: np.ndarray, frames: int, size: int) -> Layer:
    """A wall or photograph (h, h, 3) with a motion of its own, zoomed so that it is a little larger than needed."""
    speed = 0.0 if rng.random() < STILL else np.exp(rng.uniform(*np.log(SPEED)))
    walk = speed * smooth_walk(rng, frames, 4)
    zoom = size / len(plate) * rng.uniform(1.05, MARGIN) * np.exp(ZOOM * walk[:, 0])
    centre = np.full(2, len(plate) / 2)
    moved = size * (0.5 + rng.uniform(-0.05, 0.05, 2) + SWAY * walk[:, 1:3])
    return Layer(plate, None, similarity(zoom, TURN * walk[:, 3], centre, moved))


def torso_layer(rng: np.random.Generator, neck: np.ndarray, pixels_mm: float, size: int, factor: int) -> Layer:
    """Shoulders in a garment, which go with the neck.

    Args:
        rng: draws build and cloth.
        neck: (T, P, 2), points of the neck's lower end in the picture.
        pixels_mm: pixels of the picture that a millimetre has there.
        size: S, px.
        factor: drawn at this times the size.
    """
    x, y, motion = _canvas(neck, pixels_mm, size, factor)
    drop, width = rng.uniform(50, 110), rng.uniform(170, 230)
    edge = -22 + drop * smoothstep(np.abs(x), 40, width) + 600 * smoothstep(np.abs(x), width, width + 60)
    cloth = rng.uniform(0.02, 0.85, 3) * np.ones((*x.shape, 1))
    if rng.random() < 0.5:  # stripes or squares
        angle, period, other = rng.choice([0.0, 0.8, np.pi / 2]), rng.uniform(8, 40), rng.uniform(0.02, 0.9, 3)
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
        if rng.random() < 0.4:
            wave = wave * np.sin(2 * np.pi * (y * np.cos(angle) - x * np.sin(angle)) / period)
        cloth = cloth + smoothstep(wave, -0.1, 0.1)[..., None] * (other - cloth)
    points = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    folds = FractalNoise(rng, 5)(points, (35.0, 90.0, 1.0)).reshape(x.shape)
    cloth = cloth * (1 + rng.uniform(0.1, 0.35) * folds)[..., None]
    alpha = smoothstep(y - edge, -0.7 / pixels_mm, 0.7 / pixels_mm)
    return Layer(np.clip(cloth, 0, 1).astype(np.float32), alpha.astype(np.float32), motion)


def hair_layer(
    rng: np.random.Generator, skull: np.ndarray, pixels_mm: float, size: int, factor: int, colour: np.ndarray
) -> Layer:
    """Hair around and below the head, in strands, which goes with the skull.

    Args:
        rng: draws length and width.
        skull: (T, P, 2), points of the skull in the picture.
        pixels_mm, size, factor: as for `torso_layer`.
        colour: gamma-encoded RGB (3,), 0 to 1.
    """
    x, y, motion = _canvas(skull, pixels_mm, size, factor)
    width, height, length = rng.uniform(82, 112), rng.uniform(92, 125), rng.choice([40.0, rng.uniform(60, 260)])
    points = np.stack([x * (1 + np.maximum(-y, 0) / height), y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    fine = FractalNoise(rng, 4)(points, (6.0, 90.0, 1.0)).reshape(x.shape)
    top = np.hypot(x / width, y / height) - 1 + 0.03 * fine
    sides = np.maximum(np.abs(x) / width - 1 + 0.04 * fine, (y - length) / 60 + 0.15 * fine)
    soft = 1.0 / (width * pixels_mm)
    alpha = smoothstep(np.where(y > 0, sides, top), soft, -soft)
    hair = colour * np.exp(0.5 * fine)[..., None]
    return Layer(np.clip(hair, 0, 1).astype(np.float32), alpha.astype(np.float32), motion)


def _canvas(points: np.ndarray, pixels_mm: float, size: int, factor: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A layer of twice the picture's side about the points of frame 0: x and y of its pixels in mm, and its motion."""
    side = 2 * size * factor
    grid = (np.arange(side) + 0.5 - side / 2) / (factor * pixels_mm)
    x, y = np.meshgrid(grid, grid)
    start = points[0].mean(axis=0)
    placed = np.array([[1 / factor, 0, start[0] - size], [0, 1 / factor, start[1] - size], [0, 0, 1]])
    return x, y, following(points) @ placed


def _clouds(rng: np.random.Generator, side: int, wavelength: float, octaves: int) -> np.ndarray:
    """Coloured noise, (side, side, 3)."""
    y, x = np.mgrid[:side, :side] / side
    points = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    grey = FractalNoise(rng, octaves)(points, wavelength).reshape(side, side, 1)
    tint = FractalNoise(rng, 2)(points, wavelength * 2).reshape(side, side, 1)
    return grey + 0.6 * tint * rng.uniform(-1, 1, 3)


def _thing(rng: np.random.Generator, plate: np.ndarray) -> np.ndarray:
    """A rectangle, an ellipse or a line of another colour, mostly with a structure of its own."""
    side = len(plate)
    mask = np.zeros((side, side), np.float32)
    centre = tuple(int(v) for v in rng.uniform(0, side, 2))
    axes = tuple(int(v) for v in rng.uniform(0.02, 0.3, 2) * side + 1)
    turn = float(rng.choice([0, rng.uniform(-90, 90)]))
    kind = rng.integers(3)
    if kind == 0:
        cv2.ellipse(mask, centre, axes, turn, 0, 360, 1.0, -1, cv2.LINE_AA)
    elif kind == 1:
        box = cv2.boxPoints((centre, (2.0 * axes[0], 2.0 * axes[1]), turn))
        cv2.fillPoly(mask, [box.astype(np.int32)], 1.0, cv2.LINE_AA)
    else:
        end = tuple(int(v) for v in rng.uniform(0, side, 2))
        cv2.line(mask, centre, end, 1.0, max(1, int(rng.uniform(0.003, 0.03) * side)), cv2.LINE_AA)
    colour = rng.uniform(0, 1) + rng.uniform(0, 0.5) * rng.uniform(-1, 1, 3)
    colour = colour + rng.choice([0.0, 0.15]) * _clouds(rng, side, rng.uniform(0.03, 0.2), 3)
    return plate + mask[..., None] * (colour - plate)
