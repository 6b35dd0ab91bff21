"""Filling missing frames and smoothing points over time, never across segments."""

from __future__ import annotations

import numpy as np
from scipy.signal import savgol_filter


def nearest_good(confidence: np.ndarray, minimum: float) -> np.ndarray:
    """For every frame the nearest one whose confidence reaches `minimum`. (T,) -> (T,) int64."""
    good = np.flatnonzero(confidence >= minimum)
    every = np.arange(len(confidence))
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
