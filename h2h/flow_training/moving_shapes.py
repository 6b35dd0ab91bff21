"""Moving shapes: pairs of frames with a known flow, in the manner of FlyingChairs (Dosovitskiy et al. 2015, section 4).

Textured shapes lie over a textured background; each moves by an affine motion of its own, on top of the background's.
A pixel's flow is that of the layer which is seen there, by its motion, also where the other frame hides it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from h2h.flow_training.layers import Layers, picture, uppermost
from h2h.flow_training.outlines import draw_outline

RADIUS = (0.06, 0.4)  # of a shape, over the picture's side
CONTRAST = (0.3, 1.0)  # of a texture
ZOOM = (0.5, 2.0)  # of a texture


@dataclass(frozen=True)
class Motion:
    """How far things move between two frames.

    Attributes:
        median: px, of the log-normal length of a translation.
        spread: standard deviation of its logarithm.
        largest: px; longer translations are cut to this.
        turn: standard deviation of the rotation (radians), of the relative zoom and of the shear.
        still: share of layers that do not move by themselves.
    """

    median: float
    spread: float
    largest: float
    turn: float
    still: float


class Pair(NamedTuple):
    """Two frames (S, S, 3) uint8, and their flows (S, S, 2) float32 in px: to the second frame, and to the first."""

    first: np.ndarray
    second: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


def moving_shapes(
    seed: int | list[int], size: int, shapes: tuple[int, int], motion: Motion, textures: np.ndarray
) -> Pair:
    """Draw a pair; the same arguments give the same one.

    Args:
        seed: of all draws.
        size: side of the frames, px.
        shapes: the least and the largest number of shapes, at most 255.
        motion: of the background, and of each shape relative to it.
        textures: (K, T, T, 3) uint8, see `h2h.flow_training.textures`.
    """
    rng = np.random.default_rng(seed)
    count = 1 + int(rng.integers(shapes[0], shapes[1] + 1))
    layers = _draw_layers(rng, count, size, textures)
    moved = np.stack([draw_motion(rng, motion, place[:2, 2]) for place in layers.places])
    moved[1:] = moved[0] @ moved[1:]
    still = np.tile(np.eye(3), (count, 1, 1))
    frames = [picture(layers, motions, textures, size) for motions in (still, moved)]
    forward = _flow(moved, uppermost(layers, still, size))
    backward = _flow(np.linalg.inv(moved), uppermost(layers, moved, size))
    return Pair(*frames, forward, backward)


def draw_motion(rng: np.random.Generator, motion: Motion, centre: np.ndarray) -> np.ndarray:
    """An affine motion (3, 3), whose linear part is about `centre`; the identity for what is still."""
    length = min(motion.median * np.exp(motion.spread * rng.standard_normal()), motion.largest)
    towards = rng.uniform(0, 2 * np.pi)
    turn, zoom, stretch, shear = motion.turn * rng.standard_normal(4)
    result = np.eye(3)
    if rng.random() < motion.still:
        return result
    result[:2, :2] += [[zoom + stretch / 2, shear / 2 - turn], [shear / 2 + turn, zoom - stretch / 2]]
    result[:2, 2] = centre - result[:2, :2] @ centre + length * np.array([np.cos(towards), np.sin(towards)])
    return result


def _draw_layers(rng: np.random.Generator, count: int, size: int, textures: np.ndarray) -> Layers:
    places = np.tile(np.eye(3), (count, 1, 1))
    places[:, :2, :2] *= size * np.exp(rng.uniform(*np.log(RADIUS), (count, 1, 1)))
    places[:, :2, 2] = rng.uniform(0, size, (count, 2))
    places[0, :2, 2] = size / 2
    turn, zoom = rng.uniform(0, 2 * np.pi, count), np.exp(rng.uniform(*np.log(ZOOM), count))
    cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
    to_texture = np.tile(np.eye(3), (count, 1, 1))
    to_texture[:, :2, :2] = np.stack((cos, -sin, sin, cos), 1).reshape(-1, 2, 2)
    to_texture[:, :2, 2] = rng.uniform(0, textures.shape[1], (count, 2))
    return Layers(
        outlines=np.stack([draw_outline(rng) for _ in range(count)]).astype(np.float32),
        places=places,
        to_texture=to_texture,
        texture=rng.integers(len(textures), size=count),
        colour=rng.uniform(0, 255, (count, 3)),
        contrast=np.exp(rng.uniform(*np.log(CONTRAST), count)),
    )


def _flow(motions: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(S, S, 2) float32 px: the motion of the layer that is seen at a pixel."""
    step = (motions - np.eye(3)).astype(np.float32)
    x = np.arange(len(seen), dtype=np.float32) + np.float32(0.5)
    y = x[:, None]
    return np.stack([step[seen, i, 0] * x + step[seen, i, 1] * y + step[seen, i, 2] for i in range(2)], -1)
