"""Eq. 2 with the cameras held: one bounded sparse linear least-squares problem over a whole video.

Unknowns are in standard deviations: one z_id and T z_exp. The rows are
    sqrt(w_l) (data of every frame), sqrt(T w_id) z_id, sqrt(w_exp) z_exp,
    sqrt(w_sm) (z_exp[t-1] - 2 z_exp[t] + z_exp[t+1])
with the last within segments only. A frame's rows are first compressed by a QR factorisation: the n_e rows that
involve its expression stay, what is left speaks about the identity alone and is added up over all frames. That makes
the matrix about five times smaller and changes neither the minimum nor where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import lsq_linear
from scipy.sparse import bmat, csr_matrix, identity, kron

KEEP_ROWS = 4096  # identity rows gathered before they are compressed again


@dataclass(frozen=True)
class Weights:
    """Weights and bounds of eq. 2.

    Attributes:
        landmarks: w_l, of squared millimetres.
        identity: of the identity prior, for each frame.
        expression: of the expression prior.
        smoothness: w_sm, of squared second differences.
        identity_bound, expression_bound: box constraints, in standard deviations.
    """

    landmarks: float
    identity: float
    expression: float
    smoothness: float
    identity_bound: float
    expression_bound: float


class FrameRows:
    """Collects the frames' linear equations, compressed."""

    def __init__(self, identity_size: int, expression_size: int):
        self.n_i, self.n_e = identity_size, expression_size
        self._frames: list[np.ndarray] = []
        self._identity: list[np.ndarray] = []

    def add(self, expression: np.ndarray, identity: np.ndarray, right: np.ndarray) -> None:
        """Add a frame's equations `expression @ z_exp + identity @ z_id = right`.

        Args:
            expression: (R, n_e).
            identity: (R, n_i).
            right: (R,).
        """
        table = np.linalg.qr(np.concatenate([expression, identity, right[:, None]], axis=1), mode="r")
        rows = np.zeros((self.n_e, self.n_e + self.n_i + 1))
        rows[: min(self.n_e, len(table))] = table[: self.n_e]
        self._frames.append(rows)
        self._identity.append(table[self.n_e :, self.n_e :])
        if sum(map(len, self._identity)) > KEEP_ROWS:
            self._compress()

    def _compress(self) -> None:
        self._identity = [np.linalg.qr(np.concatenate(self._identity), mode="r")]

    def frames(self) -> np.ndarray:
        """(T, n_e, n_e + n_i + 1)."""
        return np.stack(self._frames)

    def identity(self) -> np.ndarray:
        """(at most n_i + 1, n_i + 1)."""
        self._compress()
        return self._identity[0]


def second_differences(segment: np.ndarray) -> csr_matrix:
    """Second temporal differences, one row for every three consecutive frames of one segment: sparse (K, T)."""
    middle = np.arange(1, len(segment) - 1)
    middle = middle[(segment[middle - 1] == segment[middle]) & (segment[middle] == segment[middle + 1])]
    row = np.arange(len(middle))
    return csr_matrix(
        (np.repeat([1.0, -2.0, 1.0], len(row)), (np.tile(row, 3), np.concatenate([middle - 1, middle, middle + 1]))),
        shape=(len(row), len(segment)),
    )


def solve_video(rows: FrameRows, segment: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Minimise eq. 2 over the shapes.

    Solved by SciPy's trust region reflective method, the descendant of Coleman and Li (1996) that the papers use.

    Args:
        rows: the data term of the T frames, unweighted.
        segment: (T,), runs of consecutive frames.
        weights: of the terms, and the bounds.

    Returns:
        z_id (n_i,) and z_exp (T, n_e), in standard deviations.
    """
    frames, about_identity = rows.frames(), rows.identity()
    count, n_e, n_i = len(frames), rows.n_e, rows.n_i
    root = np.sqrt(weights.landmarks)
    # the identity's columns weigh T times a frame's: measured in 1 / sqrt(T) all columns are alike and LSMR is quick
    unit = 1 / np.sqrt(max(count, 1))
    columns = np.arange(count * n_e).reshape(count, 1, n_e).repeat(n_e, axis=1)
    blocks = csr_matrix(
        ((root * frames[:, :, :n_e]).ravel(), columns.ravel(), np.arange(count * n_e + 1) * n_e),
        shape=(count * n_e, count * n_e),
    )
    differences = second_differences(segment)
    smooth = np.sqrt(weights.smoothness) * differences
    matrix = bmat(
        [
            [blocks, csr_matrix(root * unit * frames[:, :, n_e:-1].reshape(-1, n_i))],
            [None, csr_matrix(root * unit * about_identity[:, :-1])],
            [None, np.sqrt(weights.identity * count) * unit * identity(n_i)],
            [np.sqrt(weights.expression) * identity(count * n_e), None],
            [_for_every_component(smooth, n_e), None],
        ],
        format="csr",
    )
    right = np.zeros(matrix.shape[0])
    right[: count * n_e] = root * frames[:, :, -1].ravel()
    right[count * n_e : count * n_e + len(about_identity)] = root * about_identity[:, -1]
    bound = np.concatenate(
        [np.full(count * n_e, weights.expression_bound), np.full(n_i, weights.identity_bound / unit)]
    )
    found = lsq_linear(matrix, right, (-bound, bound), method="trf", lsq_solver="lsmr", lsmr_tol=1e-6, tol=1e-6)
    return unit * found.x[count * n_e :], found.x[: count * n_e].reshape(count, n_e)


def _for_every_component(over_frames: csr_matrix, components: int) -> csr_matrix:
    """(K, T) acting on frames -> (K n, T n) acting on frame-major coefficients."""
    return kron(over_frames, identity(components), format="csr")
