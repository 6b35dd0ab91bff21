"""Strictly convex quadratics with an arrow-shaped Hessian and a box, minimised exactly.

    f(x, y) = 1/2 x'Kx + x'Cy + 1/2 y'Gy - p'x - q'y,   lower <= (x, y) <= upper

with a long x, the expressions e of all T frames, and a short y, the identity, coupled to everything. K has a dense
block for each frame, and multiples of the identity between a frame and the two before and after it. One banded Cholesky
factorisation and a Schur complement give an exact Newton step; memory is linear in the frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded, solve
from scipy.sparse import csr_matrix

from h2h.tracking.block_band import forward_gram

MAX_STEPS = 200
TOLERANCE = 1e-9  # of the scaled projected gradient, in the unit of the variables
REACH = 2  # frames


@dataclass(frozen=True)
class ArrowQuadratic:
    """The coefficients of f; T frames of e variables, m short variables.

    Attributes:
        own: (T, e, e), the frames' own blocks of K.
        between: sparse (T, T), symmetric; its entry (s, t), at most two off the diagonal, times the identity is added
            to K's block (s, t).
        coupling: (T, e, m), C.
        corner: (m, m), G.
        linear: (T e + m,), p and q.
    """

    own: np.ndarray
    between: csr_matrix
    coupling: np.ndarray
    corner: np.ndarray
    linear: np.ndarray

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(T e + m,) -> (T, e) and (m,)."""
        count, size = self.own.shape[:2]
        return x[: count * size].reshape(count, size), x[count * size :]

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """Of f at (T e + m,)."""
        long, short = self.split(x)
        first = (self.own @ long[..., None])[..., 0] + self.between @ long + self.coupling @ short
        second = np.einsum("tem,te->m", self.coupling, long, optimize=True) + self.corner @ short
        return np.concatenate([first.ravel(), second]) - self.linear

    def value(self, x: np.ndarray, gradient: np.ndarray) -> float:
        """F at x, where its gradient is known."""
        return 0.5 * float(x @ (gradient - self.linear))

    def diagonal(self) -> np.ndarray:
        """Of the Hessian, (T e + m,)."""
        long = np.einsum("tee->te", self.own) + self.between.diagonal()[:, None]
        return np.concatenate([long.ravel(), np.diag(self.corner)])

    def newton_step(self, gradient: np.ndarray, free: np.ndarray) -> np.ndarray:
        """Minimise f's second-order model over the free variables, the others held: (T e + m,), 0 where held."""
        first, second = self.split(np.where(free, -gradient, 0.0))
        free_long, free_short = self.split(free)
        factor = cholesky_banded(self._band(free_long), overwrite_ab=True, lower=True, check_finite=False)
        columns = self.coupling.reshape(-1, self.coupling.shape[-1])
        gram = forward_gram(factor, columns, free_long.ravel())
        through = cho_solve_banded((factor, True), first.ravel(), check_finite=False)  # 0 where held
        held = ~free_short
        schur, right = self.corner - gram, second - columns.T @ through
        schur[held] = schur[:, held] = 0.0
        schur[held, held] = 1.0
        short = solve(schur, np.where(held, 0.0, right), assume_a="pos")
        pull = columns @ short * free_long.ravel()
        long = through - cho_solve_banded((factor, True), pull, check_finite=False)
        return np.concatenate([long, short])

    def _band(self, free: np.ndarray) -> np.ndarray:
        """K in LAPACK's lower banded storage, held variables cut off: (2 e + 1, T e)."""
        count, size = free.shape
        band = np.zeros((REACH * size + 1, count, size), order="F")
        diagonals = [self.between.diagonal(k) for k in range(REACH + 1)]
        pair = free.astype(np.float64)
        for column in range(size):
            both = pair[:, column:] * pair[:, column, None]
            band[: size - column, :, column] = (self.own[:, column:, column] * both).T
        band[0] = np.where(free, band[0] + diagonals[0][:, None], 1.0)
        for k in range(1, REACH + 1):
            if count > k:
                band[k * size, : count - k] = diagonals[k][:, None] * (pair[k:] * pair[: count - k])
        return band.reshape(REACH * size + 1, count * size)


def minimise_in_box(quadratic: ArrowQuadratic, bound: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Minimise f with |x| <= bound by projected Newton steps (Bertsekas 1982).

    The papers name a reflective Newton method (Coleman and Li 1996), SciPy's `lsq_linear(method="trf")`. The problem is
    strictly convex, so both end in the same point; this way the step is exact, and a few active bounds do not slow it
    down.

    Args:
        quadratic: f.
        bound: (T e + m,), positive.
        start: (T e + m,), a guess; zeros if it is not given.

    Returns:
        (T e + m,).
    """
    x = np.zeros_like(bound) if start is None else np.clip(start, -bound, bound)
    gradient = quadratic.gradient(x)
    value = quadratic.value(x, gradient)
    diagonal = quadratic.diagonal()
    for _ in range(MAX_STEPS):
        ahead = np.clip(x - gradient / diagonal, -bound, bound)
        if np.abs(ahead - x).max() < TOLERANCE:
            break
        held = ((x >= bound) & (gradient < 0)) | ((x <= -bound) & (gradient > 0))
        direction = quadratic.newton_step(gradient, ~held)
        for length in 0.5 ** np.arange(40):
            trial = np.clip(x + length * direction, -bound, bound)
            trial_gradient = quadratic.gradient(trial)
            trial_value = quadratic.value(trial, trial_gradient)
            if trial_value <= value + 1e-4 * float(gradient @ (trial - x)):
                break
        else:  # no descent left above rounding
            break
        x, gradient, value = trial, trial_gradient, trial_value
    return x
