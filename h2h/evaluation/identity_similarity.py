"""Whether two faces are the same person's: the cosine between their identity features."""

from __future__ import annotations

import numpy as np


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of the angle between features, row by row.

    Args:
        a: (T, d) float.
        b: (T, d), or (d,) for the same in every row.

    Returns:
        (T,) in [-1, 1].
    """
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return (a * b).sum(axis=-1) / np.maximum(lengths, 1e-12)
