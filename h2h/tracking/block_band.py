"""Solves with a banded Cholesky factor and many right sides, block by block.

LAPACK's own solver (pbtrs) takes one right side after the other, a vector at a time: for the hundred columns that
couple identity and expressions it took most of the fit.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy.linalg.blas import dtrsm


def forward_gram(factor: np.ndarray, right: np.ndarray, free: np.ndarray) -> np.ndarray:
    """W'W with W = L^-1 B, without keeping W: what eliminating banded unknowns takes from the others' matrix.

    Args:
        factor: f64 (w + 1, n), L as `scipy.linalg.cholesky_banded(..., lower=True)` gives it.
        right: f64 (n, k), B.
        free: bool (n,); the other rows of B count as 0.

    Returns:
        (k, k).
    """
    width, size, count = factor.shape[0] - 1, factor.shape[1], right.shape[1]
    total = np.zeros((count, count))
    # L[s + i, s + j] is factor[i - j, s + j]: in column-major storage every w entries down is one entry to the right,
    # so a block of L is a view with strides (1, w), whose other triangle belongs to other blocks
    storage = np.asfortranarray(factor).ravel(order="F")
    before = np.zeros((0, count))
    for start in range(0, size, width):
        rows = min(width, size - start)
        block = np.array(right[start : start + rows] * free[start : start + rows, None], order="F")
        if start:
            beside = _view(storage, (width + 1) * (start - width) + width, rows, width, width)
            block -= np.triu(beside) @ before
        diagonal = _view(storage, (width + 1) * start, rows, rows, width)
        before = dtrsm(1.0, diagonal, block, lower=1, overwrite_b=1)
        total += before.T @ before
    return total


def _view(storage: np.ndarray, start: int, rows: int, columns: int, width: int) -> np.ndarray:
    step = storage.itemsize
    return as_strided(storage[start:], (rows, columns), (step, width * step), writeable=False)
