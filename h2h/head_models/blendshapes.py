"""An expression basis from blendshapes, which are switched on between 0 and 1 and are not orthogonal."""

from __future__ import annotations

import numpy as np

from h2h.tracking.anny_expression import OTHER, expression_basis

DRAWS, SEED = 2000, 0
ACTIVE, A, B = OTHER


def expressions_from_blendshapes(shapes: np.ndarray, most: int = 40) -> np.ndarray:
    """Principal components of plausible sparse activations, as the open model has them.

    Args:
        shapes: (u, N, 3), offsets at full strength.
        most: components at most.

    Returns:
        f32 (n_e, N, 3), each one standard deviation, strongest first.
    """
    rng = np.random.default_rng(SEED)
    strengths = rng.beta(A, B, (DRAWS, len(shapes))) * (rng.random((DRAWS, len(shapes))) < ACTIVE)
    basis, sigma = expression_basis(shapes, strengths, min(most, len(shapes)))
    return basis * sigma[:, None, None]
