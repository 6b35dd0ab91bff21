"""Pictures of optical flow for people: the frame and its flows in colours, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from h2h.flow.colour_wheel import flow_to_colours

SIDE = 256  # px


def flow_frames(
    frames: Iterable[np.ndarray], flows: Iterable[Sequence[np.ndarray]], largest: float
) -> Iterator[np.ndarray]:
    """Each frame with its flows, side by side.

    Args:
        frames: u8 (S, S, 3), one after the other.
        flows: for each frame n flows (S, S, 2), px.
        largest: px, the length that has the full colour.

    Yields:
        u8 (256, 256 (1 + n), 3).
    """
    for frame, several in zip(frames, flows, strict=True):
        parts = [frame, *(flow_to_colours(flow.astype(np.float32), largest) for flow in several)]
        yield np.concatenate([cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in parts], axis=1)


def wheel(side: int = 128) -> np.ndarray:
    """What the colours mean, u8 (side, side, 3): a pixel has the colour of the motion from the middle to it."""
    at = 2 * (np.arange(side) + 0.5) / side - 1
    flow = np.stack(np.meshgrid(at, at), axis=-1)
    round_ = np.linalg.norm(flow, axis=-1) <= 1
    return np.where(round_[..., None], flow_to_colours(flow, 1.0), 255).astype(np.uint8)
