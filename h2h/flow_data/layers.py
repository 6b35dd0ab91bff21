"""Flat pictures that move, one before the other, and the flow that they show: what is behind a synthetic head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

OPAQUE = 0.5  # a layer that covers less of a pixel does not set its flow


@dataclass(frozen=True)
class Layer:
    """A flat picture and its motion.

    Attributes:
        colour: f32 (h, w, 3), 0 to 1; beyond its edges it goes on mirrored.
        alpha: f32 (h, w), how much it covers, 0 beyond its edges; None for a layer that covers everything.
        motion: (T, 2, 3), affine maps from the layer's pixels to the picture's (pixel centres at 0.5).
    """

    colour: np.ndarray
    alpha: np.ndarray | None
    motion: np.ndarray


def draw_layers(layers: Sequence[Layer], frame: int, size: int, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a frame, and say which layer is seen.

    Args:
        layers: from the rearmost, which covers everything, to the foremost.
        frame: which of the T frames.
        size: S, px of the square picture to which the motions lead.
        factor: drawn at this times the size.

    Returns:
        f32 (factor S, factor S, 3), and i64 (S, S), the index of the layer that is seen at each pixel.
    """
    fine = size * factor
    picture, seen = np.zeros((fine, fine, 3), np.float32), np.zeros((size, size), np.int64)
    for index, layer in enumerate(layers):
        map_to_fine = _fine_map(layer.motion[frame], factor)
        colour = _warp(layer.colour, map_to_fine, fine, cv2.BORDER_REFLECT_101)
        if layer.alpha is None:
            picture = colour
            continue
        alpha = _warp(layer.alpha, map_to_fine, fine, cv2.BORDER_CONSTANT)
        picture += alpha[..., None] * (colour - picture)
        seen[shrink(alpha[..., None], factor)[..., 0] >= OPAQUE] = index
    return picture, seen


def layer_flow(layers: Sequence[Layer], frame: int, seen: np.ndarray) -> np.ndarray:
    """How the layers move from one frame to the next.

    Args:
        layers: as for `draw_layers`.
        frame: the first one.
        seen: (S, S), which layer is seen at each pixel of it.

    Returns:
        f32 (S, S, 2), px.
    """
    y, x = np.indices(seen.shape)
    pixels = np.stack([x, y], axis=-1) + 0.5
    flow = np.empty((*seen.shape, 2), np.float32)
    for index, layer in enumerate(layers):
        here = pixels[seen == index]
        own = apply(invert(layer.motion[frame]), here)
        flow[seen == index] = apply(layer.motion[frame + 1], own) - here
    return flow


def shrink(picture: np.ndarray, factor: int) -> np.ndarray:
    """(factor S, factor S, C) -> (S, S, C), each pixel the mean of factor x factor."""
    size = len(picture) // factor
    return picture.reshape(size, factor, size, factor, -1).mean(axis=(1, 3))


def similarity(zoom: np.ndarray, turn: np.ndarray, centre: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Affine maps that zoom (T,) and turn (T,), radians, about a centre (2,), which goes to `moved` (T, 2)."""
    linear = zoom[:, None, None] * np.moveaxis(
        np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]), -1, 0
    )
    return np.concatenate([linear, (moved - linear @ centre)[..., None]], axis=-1)


def following(points: np.ndarray) -> np.ndarray:
    """The similarities (T, 2, 3) that bring points (T, P, 2) of frame 0 nearest to those of each frame."""
    plane = points[..., 0] + 1j * points[..., 1]
    centred = plane - plane.mean(axis=1, keepdims=True)
    factor = (centred @ centred[0].conj()) / (np.abs(centred[0]) ** 2).sum()
    start = points[0].mean(axis=0)
    return similarity(np.abs(factor), np.angle(factor), start, points.mean(axis=1))


def apply(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(2, 3) and (P, 2) -> (P, 2)."""
    return points @ affine[:, :2].T + affine[:, 2]


def invert(affine: np.ndarray) -> np.ndarray:
    """The inverse of an affine map (2, 3)."""
    linear = np.linalg.inv(affine[:, :2])
    return np.concatenate([linear, -linear @ affine[:, 2:]], axis=1)


def _fine_map(affine: np.ndarray, factor: int) -> np.ndarray:
    """The map to the finer picture, between the centres of pixels at whole numbers, as OpenCV counts."""
    linear, shift = affine[:, :2] * factor, affine[:, 2] * factor
    return np.concatenate([linear, (shift + linear @ (0.5, 0.5) - 0.5)[:, None]], axis=1)


def _warp(picture: np.ndarray, affine: np.ndarray, size: int, border: int) -> np.ndarray:
    return cv2.warpAffine(picture, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
