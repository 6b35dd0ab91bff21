"""Expression error: how far the face's skin is from where the true expression moves it."""

from __future__ import annotations

import numpy as np

from h2h.evaluation.face_shape import face_vertices
from h2h.tracking.head_model import HeadModel


def expression_error(model: HeadModel, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """RMS over the face's vertices of the distance between the two expressions' displacements (eq. 1), mm.

    Pose, and the neutral face, do not count.

    Args:
        model: the head model.
        real, fake: (T, n_e) expressions s_exp.

    Returns:
        (T,) float64.
    """
    basis = model.expression_basis[:, face_vertices(model)].astype(np.float64)
    gram = np.einsum("ivc,jvc->ij", basis, basis) / basis.shape[1]
    difference = np.asarray(real, np.float64) - fake
    return np.sqrt(np.einsum("ti,ij,tj->t", difference, gram, difference).clip(0))
