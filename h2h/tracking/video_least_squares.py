"""Eq. 2 with the cameras held: one bounded sparse linear least-squares problem over a whole video.

Unknowns are in standard deviations: one z_id and T z_exp. The rows are
    sqrt(w_l) (data of every frame), sqrt(T w_id) z_id, sqrt(w_exp) z_exp,
    sqrt(w_sm) (z_exp[t-1] - 2 z_exp[t] + z_exp[t+1])
with the last within segments only. In its normal equations a frame's expression meets the expressions of the two
frames before and after, and the identity: a banded matrix with a border.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_matrix, csr_matrix, identity, kron

from h2h.tracking.arrow_quadratic import ArrowQuadratic, minimise_in_box


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


class DataTerm:
    """Collects the frames' linear equations as normal equations: T small blocks instead of all rows."""

    def __init__(self, identity_size: int, expression_size: int):
        self.n_i, self.n_e = identity_size, expression_size
        self.blocks: list[np.ndarray] = []  # of each frame: expression rows against expression, identity, right side
        self.corner = np.zeros((identity_size, identity_size + 1))

    def add(self, expression: np.ndarray, identity: np.ndarray, right: np.ndarray) -> None:
        """Add a frame's equations `expression @ z_exp + identity @ z_id = right`; no rows say nothing.

        Args:
            expression: (R, n_e).
            identity: (R, n_i).
            right: (R,).
        """
        border = np.concatenate([identity, right[:, None]], axis=1)
        self.blocks.append(expression.T @ np.concatenate([expression, border], axis=1))
        self.corner += identity.T @ border


def second_differences(segment: np.ndarray) -> csr_matrix:
    """Second temporal differences, one row for every three consecutive frames of one segment: sparse (K, T)."""
    middle = np.arange(1, len(segment) - 1)
    middle = middle[(segment[middle - 1] == segment[middle]) & (segment[middle] == segment[middle + 1])]
    row = np.arange(len(middle))
    return csr_matrix(
        (np.repeat([1.0, -2.0, 1.0], len(row)), (np.tile(row, 3), np.concatenate([middle - 1, middle, middle + 1]))),
        shape=(len(row), len(segment)),
    )


def solve_video(data: DataTerm, segment: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Minimise eq. 2 over the shapes.

    Args:
        data: the data term of the T frames, unweighted.
        segment: (T,), runs of consecutive frames.
        weights: of the terms, and the bounds; both priors must be positive.

    Returns:
        z_id (n_i,) and z_exp (T, n_e), in standard deviations.
    """
    blocks, n_e, n_i = weights.landmarks * np.stack(data.blocks), data.n_e, data.n_i
    count = len(blocks)
    own = blocks[:, :, :n_e] + weights.expression * np.eye(n_e)
    band = bsr_matrix((own, np.arange(count), np.arange(count + 1)), shape=(count * n_e, count * n_e)).tocsr()
    differences = second_differences(segment)
    band = band + kron(weights.smoothness * (differences.T @ differences), identity(n_e), format="csr")
    corner = weights.landmarks * data.corner
    quadratic = ArrowQuadratic(
        band=band,
        width=2 * n_e,
        coupling=blocks[:, :, n_e:-1].reshape(-1, n_i),
        corner=corner[:, :-1] + weights.identity * count * np.eye(n_i),
        linear=np.concatenate([blocks[:, :, -1].ravel(), corner[:, -1]]),
    )
    bound = np.concatenate([np.full(count * n_e, weights.expression_bound), np.full(n_i, weights.identity_bound)])
    found = minimise_in_box(quadratic, bound)
    return found[count * n_e :], found[: count * n_e].reshape(count, n_e)
