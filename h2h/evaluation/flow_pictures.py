"""Pictures of optical flow for people: the frame and its flows in colours, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

import cv2
import numpy as np

from h2h.flow.colour_wheel import flow_to_colours

SIDE = 256  # px
FACE, BACKGROUND, HIDDEN = (60, 200, 90), (70, 110, 230), (230, 50, 50)  # colours of the masks
Truth = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def flow_frames(
    frames: Iterable[np.ndarray],
    flows: Iterable[Sequence[np.ndarray]],
    largest: float,
    known: Iterable[Sequence[np.ndarray]] | None = None,
) -> Iterator[np.ndarray]:
    """Each frame with its flows, side by side.

    Args:
        frames: u8 (S, S, 3), one after the other.
        flows: for each frame n flows (S, S, 2), px.
        largest: px, the length that has the full colour.
        known: for each frame and flow, bool (S, S): black elsewhere. Everywhere, unless given.

    Yields:
        u8 (256, 256 (1 + n), 3).
    """
    for frame, several, where in zip(frames, flows, repeat(None) if known is None else known, strict=known is not None):
        masks = [None] * len(several) if where is None else where
        parts = [frame]
        parts += [flow_to_colours(f.astype(np.float32), largest, k) for f, k in zip(several, masks, strict=True)]
        yield np.concatenate([cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in parts], axis=1)


def truth_sheet(pairs: Sequence[Truth], estimates: Sequence[Sequence[np.ndarray]], largest: float) -> np.ndarray:
    """What 4D scans say of pairs of frames, and what flows are found: a row a pair.

    Args:
        pairs: the two frames u8 (S, S, 3), the true flow (S, S, 2) px on the face, bool (S, S) where it is known, and
            where the background is.
        estimates: for each pair n flows (S, S, 2), px.
        largest: px, the length that has the full colour.

    Returns:
        u8 (256 rows, 256 (4 + n), 3): both frames; the masks, green for the face, blue for the background, red for what
        is hidden in the second frame or known to nobody; the true flow, black outside the face; the estimates.
    """
    rows = []
    for (first, second, flow, face, background), several in zip(pairs, estimates, strict=True):
        grey = first.mean(-1, keepdims=True).astype(np.uint8)
        tint = np.select([face[..., None], background[..., None]], [np.array(FACE), np.array(BACKGROUND)], HIDDEN)
        masks = (0.5 * grey + 0.5 * tint).astype(np.uint8)
        parts = [first, second, masks, flow_to_colours(flow.astype(np.float32), largest, face)]
        parts += [flow_to_colours(found.astype(np.float32), largest) for found in several]
        rows.append(np.concatenate([cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) for p in parts], 1))
    return np.concatenate(rows)


def wheel(side: int = 128) -> np.ndarray:
    """What the colours mean, u8 (side, side, 3): a pixel has the colour of the motion from the middle to it."""
    at = 2 * (np.arange(side) + 0.5) / side - 1
    flow = np.stack(np.meshgrid(at, at), axis=-1)
    round_ = np.linalg.norm(flow, axis=-1) <= 1
    return np.where(round_[..., None], flow_to_colours(flow, 1.0), 255).astype(np.uint8)
