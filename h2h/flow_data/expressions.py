"""Expression coefficients for what a basis of principal components has no axis for: a blink, an open jaw."""

from __future__ import annotations

import numpy as np

from h2h.tracking.head_model import HeadModel

UPPER_LIDS, LOWER_LIDS = (37, 38, 43, 44), (41, 40, 47, 46)
CHIN, LOWER_LIP = range(5, 12), (*range(55, 60), *range(65, 68))
RIDGE = 5.0  # mm^2 of error that a coefficient of one standard deviation costs
UNMOVED = 0.1  # weight of a landmark that shall stay where it is, over one that shall move


def blink(model: HeadModel) -> np.ndarray:
    """Coefficients (n_e,) that close the eyes of the mean face, as far as the basis can."""
    points = model.landmarks(model.mean)
    wanted = np.zeros((68, 3))
    wanted[list(UPPER_LIDS)] = points[list(LOWER_LIDS)] - points[list(UPPER_LIDS)]
    return towards(model, wanted)


def open_jaw(model: HeadModel, drop: float) -> np.ndarray:
    """Coefficients (n_e,) that lower chin and lower lip by `drop` mm."""
    wanted = np.zeros((68, 3))
    wanted[[*CHIN, *LOWER_LIP], 1] = drop
    return towards(model, wanted)


def towards(model: HeadModel, wanted: np.ndarray) -> np.ndarray:
    """The most likely expression that moves the landmarks as wanted: regularised least squares.

    Args:
        model: the head model.
        wanted: (68, 3), displacements in mm; landmarks with 0 shall stay.

    Returns:
        (n_e,), in the basis' unit.
    """
    weight = np.sqrt(np.where(wanted.any(axis=1), 1.0, UNMOVED))[:, None]
    moved = model.landmarks(model.expression_basis) * model.expression_sigma[:, None, None]
    columns = (moved * weight).reshape(len(moved), -1).astype(np.float64)
    normal = columns @ columns.T + RIDGE * np.eye(len(columns))
    return np.linalg.solve(normal, columns @ (wanted * weight).ravel()) * model.expression_sigma
