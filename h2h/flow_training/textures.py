"""What moving shapes are covered with: noise of many octaves, spots and stripes, and patches of photographs."""

from __future__ import annotations

import cv2
import numpy as np
from skimage import data

SIDE = 256
OCTAVES = 7
FIRST_CELLS = 4  # noise cells along a side in the first octave
# photographs that come with scikit-image, all without conditions; no network sees the held-out ones
PHOTOGRAPHS = ("brick", "coffee", "grass", "gravel", "hubble_deep_field", "rocket")
HELD_OUT = ("astronaut", "chelsea", "retina")


def procedural_textures(seed: int | list[int], count: int, side: int = SIDE) -> np.ndarray:
    """Draw textures (count, side, side, 3) uint8; the same arguments give the same ones."""
    return np.stack([_draw(rng, side) for rng in np.random.default_rng(seed).spawn(count)])


def photographs(names: tuple[str, ...], side: int = SIDE) -> np.ndarray:
    """Patches (n, side, side, 3) uint8 of photographs of scikit-image, beside one another."""
    pictures = (getattr(data, name)() for name in names)
    return np.concatenate([patches(p if p.ndim == 3 else p[..., None].repeat(3, 2), side) for p in pictures])


def patches(picture: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Cut a picture (H, W, 3) uint8 into (n, side, side, 3); what is left at the right and below is dropped."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    whole = picture[: rows * side, : columns * side]
    return whole.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)


def _draw(rng: np.random.Generator, side: int) -> np.ndarray:
    """Two fields, mixed into three channels."""
    fields = np.stack([_field(rng, side) for _ in range(2)], -1)
    mix = rng.standard_normal((2, 3)) * [[55], [25]]
    return np.clip(rng.uniform(40, 215, 3) + fields @ mix, 0, 255).astype(np.uint8)


def _field(rng: np.random.Generator, side: int) -> np.ndarray:
    """Noise (side, side) with mean 0, deviation 1 and a random slope of its spectrum, or spots or stripes of it."""
    persistence, field = rng.uniform(0.45, 1.1), np.zeros((side, side), np.float32)
    for octave in range(OCTAVES):
        cells = min(FIRST_CELLS * 2**octave, side)
        noise = rng.standard_normal((cells, cells), dtype=np.float32)
        field += persistence**octave * cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    field = (field - field.mean()) / field.std()
    kind = rng.random()
    if kind < 0.2:
        return np.where(field > rng.uniform(-1, 1), np.float32(1), np.float32(-1))
    if kind < 0.35:
        angle, cycle = rng.uniform(0, np.pi), rng.uniform(6, 60)  # px
        x = np.arange(side, dtype=np.float32)
        waves = (x * np.cos(angle) + x[:, None] * np.sin(angle)) * (2 * np.pi / cycle)
        return np.sin(waves + field * rng.uniform(0.2, 2.0))
    return field
