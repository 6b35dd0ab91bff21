"""Face-shape distance: how much two people's faces differ in 3D, whatever their size, pose and expression."""

from __future__ import annotations

import numpy as np
from skimage.transform import SimilarityTransform

from h2h.tracking.head_model import FACE, HeadModel


def face_vertices(model: HeadModel) -> np.ndarray:
    """The vertices of the face's skin, sorted."""
    return np.unique(model.triangles[model.region == FACE])


def aligned_rms(points: np.ndarray, reference: np.ndarray) -> float:
    """RMS distance of points to a reference, after the similarity transform that makes it least (Umeyama 1991).

    Args:
        points, reference: (P, 3), corresponding.

    Returns:
        In the reference's unit and size.
    """
    moved = SimilarityTransform.from_estimate(points.astype(np.float64), reference.astype(np.float64))
    return float(np.sqrt(((moved(points.astype(np.float64)) - reference) ** 2).sum(axis=1).mean()))


def face_shape_distance(model: HeadModel, identity: np.ndarray, reference: np.ndarray) -> float:
    """`aligned_rms` of two people's neutral faces, mm of the reference's face.

    Size does not count: a camera without perspective cannot tell a large face from a near one.

    Args:
        model: the head model.
        identity, reference: (n_i,) identities s_id.
    """
    face = face_vertices(model)
    return aligned_rms(model.neutral(identity)[face], model.neutral(reference)[face])
