"""Face-shape distance: how much two faces differ in 3D, whatever their size and pose."""

from __future__ import annotations

import numpy as np
from skimage.transform import SimilarityTransform

from h2h.tracking.head_model import FACE, HeadModel


def face_vertices(model: HeadModel) -> np.ndarray:
    """The vertices of the face's skin, sorted."""
    return np.unique(model.triangles[model.region == FACE])


def aligned_rms(points: np.ndarray, reference: np.ndarray) -> float:
    """RMS distance of points to a reference, after the similarity transform that makes it least (Umeyama 1991).

    Size does not count: a camera without perspective cannot tell a large face from a near one.

    Args:
        points, reference: (P, 3), corresponding.

    Returns:
        In the reference's unit and size.
    """
    moved = SimilarityTransform.from_estimate(points.astype(np.float64), reference.astype(np.float64))
    return float(np.sqrt(((moved(points.astype(np.float64)) - reference) ** 2).sum(axis=1).mean()))
