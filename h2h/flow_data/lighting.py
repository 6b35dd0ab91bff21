"""Light on a head: a key light with shadows, light from all around, a little gloss (Blinn 1977), and the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.render.rasteriser import rasterise

SHADOW_SIZE = 256  # px of the shadow map
SHADOW_BIAS = 4.0  # mm
GAMMA = 1 / 2.2


@dataclass(frozen=True)
class Lights:
    """A scene's light.

    Attributes:
        direction: unit (3,), in camera axes, towards the key light.
        key, ambient: linear RGB (3,).
        sky: how much more light comes from above than from below, 0 to 1.
        gloss, sharpness: strength and exponent of the highlights.
        noise: standard deviation of the camera's noise, of the range 0 to 1.
    """

    direction: np.ndarray
    key: np.ndarray
    ambient: np.ndarray
    sky: float
    gloss: float
    sharpness: float
    noise: float


def draw_lights(rng: np.random.Generator) -> Lights:
    """Draw a scene's light: from the camera's side, mostly from above."""
    side, up = rng.uniform(-1.1, 1.1), rng.uniform(-0.2, 1.0)
    direction = np.array([np.sin(side), -np.sin(up), -np.cos(side)])
    ratio, warmth = rng.uniform(0.35, 0.8), rng.uniform(-0.12, 0.12, 2)
    brightness = rng.uniform(0.6, 1.25)
    tint = lambda w: np.array([1 + w, 1.0, 1 - w])  # noqa: E731
    return Lights(
        direction / np.linalg.norm(direction),
        brightness * ratio * 1.4 * tint(warmth[0]),
        brightness * (1 - ratio) * tint(warmth[1]),
        float(rng.uniform(0, 0.6)),
        float(rng.uniform(0.02, 0.2)),
        float(rng.uniform(8, 40)),
        float(rng.uniform(0.002, 0.012)),
    )


def shade(albedo: np.ndarray, points: np.ndarray, normals: np.ndarray, lit: np.ndarray, lights: Lights) -> np.ndarray:
    """The colours that a camera shows.

    Args:
        albedo: linear RGB (P, 3).
        points: (P, 3), in camera axes.
        normals: (P, 3), unit, in camera axes.
        lit: (P,), 0 in the key light's shadow, 1 out of it.
        lights: the scene's.

    Returns:
        (P, 3), gamma-encoded, 0 to 1.
    """
    facing = np.clip(normals @ lights.direction, 0, None) * lit
    around = 1 - lights.sky * (1 + normals[:, 1]) / 2  # y points down
    light = facing[:, None] * lights.key + around[:, None] * lights.ambient
    half = lights.direction - points / np.linalg.norm(points, axis=1, keepdims=True)
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    highlight = lights.gloss * np.clip((normals * half).sum(axis=1), 0, None) ** lights.sharpness * lit
    return np.clip(albedo * light + highlight[:, None] * lights.key, 0, 1) ** GAMMA


def out_of_shadow(points: np.ndarray, vertices: np.ndarray, triangles: np.ndarray, lights: Lights) -> np.ndarray:
    """Which points the key light reaches: a shadow map (Williams 1978), softened over 3 x 3 of its pixels.

    Args:
        points: (P, 3), on the surface, mm, in camera axes.
        vertices: (N, 3), in camera axes.
        triangles: (M, 3), counter-clockwise as seen from outside.
        lights: the scene's.

    Returns:
        (P,), 0 to 1.
    """
    away = -lights.direction
    right = np.cross([0.0, 1.0, 0.0], away)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(away, right), away])
    seen, places = vertices @ axes.T, points @ axes.T
    low = seen[:, :2].min(axis=0)
    scale = (SHADOW_SIZE - 4) / (seen[:, :2].max(axis=0) - low).max()
    to_map = lambda p: np.concatenate([(p[:, :2] - low) * scale + 2, p[:, 2:]], axis=1)  # noqa: E731
    depth = rasterise(to_map(seen), triangles, SHADOW_SIZE, SHADOW_SIZE).depth
    x, y = to_map(places)[:, :2].astype(np.int64).T
    total = np.zeros(len(points))
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            total += places[:, 2] <= depth[y + dy, x + dx] + SHADOW_BIAS
    return total / 9
