"""Textured layers over one another: which is uppermost where, and the picture of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

SUBSAMPLES = 2  # of a pixel in each direction: edges are smooth, as a camera's are


@dataclass(frozen=True)
class Layers:
    """L layers; the first covers everything, each lies over the ones before it.

    A point (x, y) of a picture is at x px from its left border: the centre of pixel (i, j) is (j + 0.5, i + 0.5).

    Attributes:
        outlines: (L, A) float32, a shape's radius at A equal angles, linear in between, at most 1, in coordinates of
            its own; not read for the first layer.
        places: (L, 3, 3), from a shape's own coordinates to the picture.
        to_texture: (L, 3, 3), from the picture to the texture, px.
        texture: (L,) int, number of the texture.
        colour: (L, 3), 0 to 255.
        contrast: (L,), 0 to 1: what the texture's difference from `colour` is multiplied by.
    """

    outlines: np.ndarray
    places: np.ndarray
    to_texture: np.ndarray
    texture: np.ndarray
    colour: np.ndarray
    contrast: np.ndarray


def uppermost(layers: Layers, motions: np.ndarray, size: int, samples: int = 1) -> np.ndarray:
    """The number of the layer that is seen at each place.

    Args:
        layers: where they are at first.
        motions: (L, 3, 3), affine, how they have moved since, px.
        size: side of the picture, px.
        samples: places in a pixel, in each direction.

    Returns:
        (size * samples, size * samples) uint8.
    """
    places = motions @ layers.places
    reach = np.linalg.norm(places[:, :2, :2], axis=2)  # of the unit disk, in which the shape lies
    boxes = np.concatenate((places[:, :2, 2] - reach, places[:, :2, 2] + reach), 1) * samples
    top = np.zeros((size * samples,) * 2, np.uint8)
    to_shape = np.linalg.inv(places).astype(np.float32)
    _paint(to_shape, layers.outlines, np.clip(boxes, 0, len(top)).astype(np.int64), np.float32(1 / samples), top)
    return top


def picture(layers: Layers, motions: np.ndarray, textures: np.ndarray, size: int) -> np.ndarray:
    """The layers after their motion, (size, size, 3) uint8.

    A pixel is the mean of its samples. Textures are read bilinearly (the first pixel's centre is at 0) and go on
    mirrored.

    Args:
        layers, motions, size: as in `uppermost`.
        textures: (K, T, T, 3) uint8.
    """
    top = uppermost(layers, motions, size, SUBSAMPLES)
    to_texture = (layers.to_texture @ np.linalg.inv(motions)).astype(np.float32)
    contrast = layers.contrast.astype(np.float32)
    offset = layers.colour.astype(np.float32) * (1 - contrast[:, None])
    frame = np.empty((size, size, 3), np.uint8)
    _shade(top, to_texture, textures, layers.texture, contrast, offset, frame)
    return frame


# Integers are made float32 before they meet float32: Numba would go on in float64, at half the speed.
@njit(cache=True, nogil=True, fastmath=True)
def _paint(to_shape, outlines, boxes, step, top):
    angles = outlines.shape[1]
    per_turn, half = np.float32(angles / (2 * np.pi)), np.float32(0.5)
    for layer in range(1, len(to_shape)):
        a, b, c = to_shape[layer, 0]
        d, e, f = to_shape[layer, 1]
        left, above, right, below = boxes[layer]
        for row in range(above, min(below + 1, len(top))):
            y = (np.float32(row) + half) * step
            for column in range(left, min(right + 1, len(top))):
                x = (np.float32(column) + half) * step
                p, q = a * x + b * y + c, d * x + e * y + f
                square = p * p + q * q
                if square < np.float32(1):
                    place = np.arctan2(q, p) * per_turn + np.float32(angles)
                    index = int(place)
                    here, after = outlines[layer, index % angles], outlines[layer, (index + 1) % angles]
                    radius = here + (place - np.float32(index)) * (after - here)
                    if square < radius * radius:
                        top[row, column] = layer


@njit(cache=True, nogil=True, fastmath=True)
def _shade(top, to_texture, textures, chosen, contrast, offset, frame):
    samples, side = len(top) // len(frame), textures.shape[1]
    step, share, half = np.float32(1 / samples), np.float32(1 / samples**2), np.float32(0.5)
    for row in range(len(frame)):
        for column in range(len(frame)):
            red = green = blue = half
            for i in range(row * samples, (row + 1) * samples):
                for j in range(column * samples, (column + 1) * samples):
                    layer = top[i, j]
                    x, y = (np.float32(j) + half) * step, (np.float32(i) + half) * step
                    u = to_texture[layer, 0, 0] * x + to_texture[layer, 0, 1] * y + to_texture[layer, 0, 2]
                    v = to_texture[layer, 1, 0] * x + to_texture[layer, 1, 1] * y + to_texture[layer, 1, 2]
                    left, above = np.floor(u), np.floor(v)
                    x0, x1 = _mirrored(int(left), side), _mirrored(int(left) + 1, side)
                    y0, y1 = _mirrored(int(above), side), _mirrored(int(above) + 1, side)
                    k, gain = chosen[layer], share * contrast[layer]
                    at_right, at_below = gain * (u - left), v - above
                    at_left = gain - at_right
                    w11, w01 = at_right * at_below, at_left * at_below
                    w10, w00 = at_right - w11, at_left - w01
                    p, q, r, s = textures[k, y0, x0], textures[k, y0, x1], textures[k, y1, x0], textures[k, y1, x1]
                    red += w00 * p[0] + w10 * q[0] + w01 * r[0] + w11 * s[0] + share * offset[layer, 0]
                    green += w00 * p[1] + w10 * q[1] + w01 * r[1] + w11 * s[1] + share * offset[layer, 1]
                    blue += w00 * p[2] + w10 * q[2] + w01 * r[2] + w11 * s[2] + share * offset[layer, 2]
            frame[row, column, 0] = np.uint8(red)
            frame[row, column, 1] = np.uint8(green)
            frame[row, column, 2] = np.uint8(blue)


@njit(cache=True, nogil=True)
def _mirrored(index, side):
    """Where a texture is read that goes on mirrored beyond its border."""
    index %= 2 * side
    return index if index < side else 2 * side - 1 - index
