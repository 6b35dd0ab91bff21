"""The baseline without a network: for each driving frame the training frame with the most similar NMFC image."""

from __future__ import annotations

import numpy as np


def nearest_frames(driving: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Index of the training frame with the least mean absolute NMFC difference for each driving frame.

    Args:
        driving: (T, S, S, 3) uint8 NMFC images.
        training: (N, S, S, 3) uint8.

    Returns:
        (T,) int64 in [0, N); of equally near ones the first.
    """
    known = training.reshape(len(training), -1).astype(np.int16)
    distances = [np.abs(known - image.reshape(1, -1).astype(np.int16)).mean(1) for image in driving]
    return np.argmin(np.stack(distances), axis=1)
