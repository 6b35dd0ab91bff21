"""Arithmetic on face boxes: overlap, interpolation, smoothing, one fixed crop a video; and what tells a scene cut.

Boxes are (x0, y0, x1, y1) float64 in pixels of the upright frame.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import median_filter


def sides(boxes: np.ndarray) -> np.ndarray:
    """Longer side of each box. (N, 4) -> (N,)."""
    return np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])


def histogram(image: np.ndarray) -> np.ndarray:
    """Joint colour histogram of a small copy of the frame, 8 x 8 x 8 bins, sums to 1; for finding cuts."""
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    counts = cv2.calcHist([small], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3).ravel()
    return counts / counts.sum()


def cut_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Half the L1 distance of two histograms: 0 alike, 1 disjoint."""
    return float(np.abs(a - b).sum() / 2)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    both = np.prod(np.clip(high - low, 0, None))
    return float(both / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both))


def interpolate(frames: list[int], boxes: np.ndarray) -> np.ndarray:
    """Boxes of all frames from the first to the last detection, linear in between.

    Args:
        frames: (n,) increasing frame numbers of the detections.
        boxes: (n, 4).

    Returns:
        (frames[-1] - frames[0] + 1, 4).
    """
    wanted = np.arange(frames[0], frames[-1] + 1)
    return np.stack([np.interp(wanted, frames, boxes[:, k]) for k in range(4)], axis=1)


def smooth(boxes: np.ndarray, window: int) -> np.ndarray:
    """Running median over an odd number of frames, per coordinate. (T, 4) -> (T, 4)."""
    window = min(window | 1, len(boxes) if len(boxes) % 2 else len(boxes) - 1)
    return median_filter(boxes, size=(max(window, 1), 1), mode="nearest")


def fixed_crop(boxes: np.ndarray, margin: float) -> np.ndarray:
    """One square for a whole video.

    The median box times `margin`; wider (up to twice that) when the face moves so far that its box would
    leave the square. The square may reach over the frame's border: it is padded there, never stretched.

    Args:
        boxes: (T, 4) smoothed face boxes.
        margin: side of the square over side of the median box.

    Returns:
        (3,) float64: x and y of the upper left corner, side.
    """
    low = np.percentile(boxes[:, :2], 2, axis=0)
    high = np.percentile(boxes[:, 2:], 98, axis=0)
    median = np.median(boxes, axis=0)
    side = margin * float(np.median(sides(boxes)))
    wide = float(np.clip(1.1 * (high - low).max(), side, 2 * side))
    middle = (median[:2] + median[2:]) / 2
    # stay on the median face, but move just enough to hold the range of its boxes
    reach = np.clip((low + high) / 2 - middle, -(wide - side) / 2 - 0.1 * side, (wide - side) / 2 + 0.1 * side)
    return np.array([*(middle + reach - wide / 2), wide])


def inside(boxes: np.ndarray, crop: np.ndarray) -> np.ndarray:
    """Whether each box lies in the crop, up to a tenth of its side. (T, 4) -> (T,) bool."""
    slack = 0.1 * sides(boxes)[:, None]
    low, high = crop[:2], crop[:2] + crop[2]
    return ((boxes[:, :2] >= low - slack) & (boxes[:, 2:] <= high + slack)).all(axis=1)


def cut_out(image: np.ndarray, crop: np.ndarray, size: int) -> np.ndarray:
    """Cut the square out of a frame and resize it; outside the frame the border is repeated.

    Args:
        image: (H, W, 3) uint8.
        crop: (3,) x, y, side in pixels.
        size: side of the result.

    Returns:
        (size, size, 3) uint8.
    """
    x, y, side = (round(float(value)) for value in crop)
    height, width = image.shape[:2]
    left, top, right, bottom = max(-x, 0), max(-y, 0), max(x + side - width, 0), max(y + side - height, 0)
    patch = image[max(y, 0) : y + side, max(x, 0) : x + side]
    if left or top or right or bottom:
        patch = cv2.copyMakeBorder(patch, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return cv2.resize(patch, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)


def picture_in_crop(crop: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Where real picture lies in the crop (the rest is padding).

    Args:
        crop: (3,) x, y, side in pixels.
        shape: width and height of the frame.

    Returns:
        (4,) x0, y0, x1, y1 as fractions of the crop, in [0, 1].
    """
    low = -crop[:2] / crop[2]
    return np.clip(np.concatenate([low, low + np.array(shape) / crop[2]]), 0, 1)
