"""Face-shape distance: how much two faces differ in 3D, whatever their size and pose."""

from __future__ import annotations

import numpy as np
from skimage.transform import SimilarityTransform

from h2h.tracking.head_model import FACE, HeadModel


def face_vertices(model: HeadModel) -> np.ndarray:
    """The vertices of the face's skin, sorted."""
    return np.unique(model.triangles[model.region == FACE])


def aligned(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Points (P, 3) after the similarity transform that brings them nearest to a reference (Umeyama 1991).

    Size does not count: a camera without perspective cannot tell a large face from a near one.
    """
    points, reference = points.astype(np.float64), reference.astype(np.float64)
    return SimilarityTransform.from_estimate(points, reference)(points)


def aligned_rms(points: np.ndarray, reference: np.ndarray) -> float:
    """RMS distance of points to a reference, aligned.

    Args:
        points, reference: (P, 3), corresponding.

    Returns:
        In the reference's unit and size.
    """
    return float(np.sqrt(((aligned(points, reference) - reference) ** 2).sum(axis=1).mean()))


def shape_share(points: np.ndarray, target: np.ndarray, source: np.ndarray) -> float:
    """How far on the way from the target's shape to the source's a shape lies: 0 is the target's, 1 the source's.

    What differs from both alike (depth that the poses do not show, blur) falls out.

    Args:
        points, target, source: (P, 3), corresponding; points and source are aligned to the target.
    """
    way = aligned(source, target) - target
    return float(((aligned(points, target) - target) * way).sum() / (way**2).sum())
