"""Filling missing frames and smoothing points over time, never across segments."""

from __future__ import annotations

import numpy as np
from scipy.signal import savgol_filter


def nearest_good(good: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """For every frame the nearest good one: of its segment, where that has one, else of all.

    Args:
        good: (T,) bool, true somewhere.
        segment: (T,) int.

    Returns:
        (T,) int64, numbers of frames.
    """
    found = _nearest(good)
    for number in np.unique(segment):
        rows = np.flatnonzero(segment == number)
        if good[rows].any():
            found[rows] = rows[_nearest(good[rows])]
    return found


def _nearest(good: np.ndarray) -> np.ndarray:
    good, every = np.flatnonzero(good), np.arange(len(good))
    after = np.clip(np.searchsorted(good, every), 0, len(good) - 1)
    before = np.clip(after - 1, 0, len(good) - 1)
    closer = np.abs(good[before] - every) <= np.abs(good[after] - every)
    return np.where(closer, good[before], good[after])


def smooth_points(points: np.ndarray, segment: np.ndarray, window: int) -> np.ndarray:
    """Savitzky-Golay filter of second order over time, within each segment.

    Args:
        points: (T, ...) float.
        segment: (T,) int.
        window: odd number of frames; shorter segments are left as they are.
    """
    result = points.copy()
    window |= 1
    for number in np.unique(segment):
        rows = segment == number
        if window >= 5 and rows.sum() >= window:
            result[rows] = savgol_filter(points[rows], window, 2, axis=0)
    return result
