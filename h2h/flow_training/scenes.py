"""Batches of moving shapes, drawn while the training runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from h2h.flow_training.moving_shapes import Motion, Pair, moving_shapes
from h2h.flow_training.pairs import Known, Pairs, stacked

PART = "all"  # the flow is known everywhere


@dataclass
class Scenes:
    """Moving shapes in endless supply. A scene is drawn when it is first needed, serves for a while, and is dropped.

    Which scenes a batch has follows from its number alone: a resumed training draws them again.

    Attributes:
        seed: of all draws.
        size: side of the frames, px.
        shapes: the least and the largest number of shapes in a scene.
        motion: how far they move.
        textures: (K, T, T, 3) uint8.
        uses: how often a scene is shown, on average; each time from another side and maybe backwards.
        window: scenes that a batch chooses from.
    """

    seed: int | list[int]
    size: int
    shapes: tuple[int, int]
    motion: Motion
    textures: np.ndarray
    uses: float = 4.0
    window: int = 512
    _drawn: dict[int, Pair] = field(default_factory=dict)

    def batch(self, number: int, count: int) -> Pairs:
        """`count` pairs for step `number`, from 0 on."""
        oldest = int(number * count / self.uses)
        for gone in [key for key in self._drawn if key < oldest]:
            del self._drawn[gone]
        rng = np.random.default_rng([*np.atleast_1d(self.seed).tolist(), 1, number])
        chosen = oldest + rng.integers(self.window, size=count)
        shown = [
            seen_otherwise(self.scene(int(i)), int(way))
            for i, way in zip(chosen, rng.integers(16, size=count), strict=True)
        ]
        first, second, flow = (stacked(arrays) for arrays in zip(*shown, strict=True))
        return Pairs(first, second, {PART: Known(flow, torch.ones_like(flow[:, :1]))})

    def scene(self, index: int) -> Pair:
        """Scene number `index`."""
        if index not in self._drawn:
            seed = [*np.atleast_1d(self.seed).tolist(), 0, index]
            self._drawn[index] = moving_shapes(seed, self.size, self.shapes, self.motion, self.textures)
        return self._drawn[index]


def seen_otherwise(pair: Pair, way: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A pair and its flow in one of 16 ways: backwards or not, mirrored, upside down, and with x and y exchanged."""
    first, second, flow = (
        (pair.second, pair.first, pair.backward) if way & 1 else (pair.first, pair.second, pair.forward)
    )
    if way & 2:
        first, second, flow = first[:, ::-1], second[:, ::-1], flow[:, ::-1] * np.float32([-1, 1])
    if way & 4:
        first, second, flow = first[::-1], second[::-1], flow[::-1] * np.float32([1, -1])
    if way & 8:
        first, second, flow = first.swapaxes(0, 1), second.swapaxes(0, 1), flow.swapaxes(0, 1)[..., ::-1]
    return first, second, flow
