"""Drawn landmarks: the conditional input of vid2vid's own face demo, a baseline beside NMFC images."""

from __future__ import annotations

import cv2
import numpy as np

# the 68 iBUG points as lines: first and one after the last point, whether closed, colour
LINES = (
    (0, 17, False, (160, 160, 160)),  # jaw
    (17, 22, False, (200, 120, 40)),  # brows
    (22, 27, False, (40, 120, 200)),
    (27, 31, False, (60, 200, 60)),  # nose
    (31, 36, False, (60, 200, 60)),
    (36, 42, True, (255, 200, 0)),  # eyes
    (42, 48, True, (0, 200, 255)),
    (48, 60, True, (255, 60, 60)),  # lips
    (60, 68, True, (255, 120, 200)),
)
SHIFT = 4  # bits of a pixel's fraction
SUPERSAMPLE = 2


def draw_landmarks(points: np.ndarray, size: int) -> np.ndarray:
    """Draw landmarks as coloured lines, one picture a frame.

    Args:
        points: (T, 68, 2), fractions of the picture; a frame that is not finite stays black.
        size: S, px.

    Returns:
        (T, S, S, 3) uint8.
    """
    pictures = np.zeros((len(points), size, size, 3), np.uint8)
    large = size * SUPERSAMPLE
    for picture, frame in zip(pictures, points, strict=True):
        if not np.isfinite(frame).all():
            continue
        canvas = np.zeros((large, large, 3), np.uint8)
        # fixed point; OpenCV's pixels have their centres at whole numbers
        places = np.round((np.clip(frame, -1, 2) * large - 0.5) * (1 << SHIFT)).astype(np.int32)
        for first, last, closed, colour in LINES:
            cv2.polylines(canvas, [places[first:last]], closed, colour, SUPERSAMPLE, cv2.LINE_AA, SHIFT)
        picture[:] = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return pictures


def fit_to_target(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Give the source's landmarks the target's place and size, as the papers do for this baseline.

    Args:
        source: (T, 68, 2) of the driving video.
        target: (U, 68, 2) of the person that is driven.

    Returns:
        (T, 68, 2): moved and scaled, all frames alike, so that mean place and mean size are the target's. The shape of
        the source's face stays: this is what the NMFC images do better (FS Fig. 4).
    """
    centre, size = _place(source)
    wanted, wanted_size = _place(target)
    return wanted + (source - centre) * (wanted_size / size)


def _place(points: np.ndarray) -> tuple[np.ndarray, float]:
    good = points[np.isfinite(points).all(axis=(1, 2))]
    middle = good.mean(axis=1, keepdims=True)
    return good.mean(axis=(0, 1)), float(np.sqrt(((good - middle) ** 2).sum(axis=-1).mean()))
