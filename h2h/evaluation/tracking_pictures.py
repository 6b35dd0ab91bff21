"""Pictures of the tracking for people: NMFC over the frame."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

SIDE = 256  # px
SHARE = 0.55  # of the NMFC's colour over the frame


def overlay_frames(frames: np.ndarray, nmfc: np.ndarray, gaze: np.ndarray, tracked: np.ndarray) -> Iterator[np.ndarray]:
    """The frame, the NMFC image over it, and NMFC and gaze alone, side by side.

    Args:
        frames, nmfc, gaze: u8 (T, S, S, 3); anything that gives one frame after the other.
        tracked: bool (T,); other frames get a red edge.

    Yields:
        u8 (256, 768, 3).
    """
    for frame, face, eyes, good in zip(frames, nmfc, gaze, tracked, strict=True):
        drawn = np.maximum(face, eyes)
        seen = drawn.any(axis=-1, keepdims=True)
        over = np.where(seen, (1 - SHARE) * frame + SHARE * drawn, frame).astype(np.uint8)
        parts = [cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in (frame, over, drawn)]
        if not good:
            cv2.rectangle(parts[1], (0, 0), (SIDE - 1, SIDE - 1), (220, 30, 30), 6)
        yield np.concatenate(parts, axis=1)
