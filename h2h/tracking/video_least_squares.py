"""Eq. 2 over the shapes: one bounded sparse linear least-squares problem over a whole video.

Unknowns are in standard deviations: one z_id and T z_exp. The rows are
    sqrt(w_l) (data of every frame), sqrt(T w_id) z_id, sqrt(w_exp) z_exp,
    sqrt(w_sm) (z_exp[t-1] - 2 z_exp[t] + z_exp[t+1])
with the last within segments only. In its normal equations a frame's expression meets the expressions of the two
frames before and after, and the identity: a banded matrix with a border.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

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
    """Collects the frames' linear equations as normal equations: T small blocks instead of all rows.

    Args:
        count: T.
        identity_size: n_i.
        expression_size: n_e.
    """

    def __init__(self, count: int, identity_size: int, expression_size: int):
        self.own = np.zeros((count, expression_size, expression_size))
        self.coupling = np.zeros((count, expression_size, identity_size))
        self.right = np.zeros((count, expression_size))
        self.corner = np.zeros((identity_size, identity_size))
        self.corner_right = np.zeros(identity_size)

    def set(self, frame: int, expression: np.ndarray, identity: np.ndarray, right: np.ndarray) -> None:
        """Set a frame's equations `expression @ z_exp + identity @ z_id = right`; a frame that is not set says nothing.

        Args:
            frame: which, each at most once.
            expression: (R, n_e).
            identity: (R, n_i).
            right: (R,).
        """
        self.own[frame] = expression.T @ expression
        self.coupling[frame] = expression.T @ identity
        self.right[frame] = expression.T @ right
        self.corner += identity.T @ identity
        self.corner_right += identity.T @ right


def second_differences(segment: np.ndarray) -> csr_matrix:
    """Second temporal differences, one row for every three consecutive frames of one segment: sparse (K, T)."""
    middle = np.arange(1, len(segment) - 1)
    middle = middle[(segment[middle - 1] == segment[middle]) & (segment[middle] == segment[middle + 1])]
    row = np.arange(len(middle))
    return csr_matrix(
        (np.repeat([1.0, -2.0, 1.0], len(row)), (np.tile(row, 3), np.concatenate([middle - 1, middle, middle + 1]))),
        shape=(len(row), len(segment)),
    )


def solve_video(
    data: DataTerm, segment: np.ndarray, weights: Weights, start: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise eq. 2 over the shapes.

    Args:
        data: the data term of the T frames, unweighted; used up, to save memory.
        segment: (T,), runs of consecutive frames.
        weights: of the terms, and the bounds; both priors must be positive.
        start: z_id and z_exp to start from.

    Returns:
        z_id (n_i,) and z_exp (T, n_e), in standard deviations.
    """
    count, n_e, n_i = data.coupling.shape
    for part in (data.own, data.coupling, data.right, data.corner, data.corner_right):
        part *= weights.landmarks
    data.own += weights.expression * np.eye(n_e)
    data.corner += weights.identity * count * np.eye(n_i)
    differences = second_differences(segment)
    quadratic = ArrowQuadratic(
        own=data.own,
        between=csr_matrix(weights.smoothness * (differences.T @ differences)),
        coupling=data.coupling,
        corner=data.corner,
        linear=np.concatenate([data.right.ravel(), data.corner_right]),
    )
    bound = np.concatenate([np.full(count * n_e, weights.expression_bound), np.full(n_i, weights.identity_bound)])
    guess = None if start is None else np.concatenate([start[1].ravel(), start[0]])
    long, short = quadratic.split(minimise_in_box(quadratic, bound, guess))
    return short, long
