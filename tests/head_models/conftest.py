"""A face to write in every format: the open model's, in the axes and units that the published models use."""

from dataclasses import dataclass

import numpy as np
import pytest

from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.head_model import INTERNAL, HeadModel

PUBLISHED = np.array([1, -1, -1], np.float32)  # y up, z towards the viewer


@dataclass
class Face:
    """Skin of the open model in published axes, millimetres; components of unit length with deviations."""

    reference: HeadModel
    kept: np.ndarray
    mean: np.ndarray
    triangles: np.ndarray
    identity: np.ndarray
    identity_sigma: np.ndarray
    expression: np.ndarray
    expression_sigma: np.ndarray
    landmarks: np.ndarray

    def columns(self, kind, scale=1.0):
        """(3N, k), as most files have it."""
        basis = getattr(self, kind)
        return np.ascontiguousarray((scale * basis).reshape(len(basis), -1).T)


@pytest.fixture(scope="session")
def reference():
    return build_anny_head(samples=300, identity=20, expression=30, seed=3)


@pytest.fixture(scope="session")
def face(reference):
    skin = reference.triangles[reference.region != INTERNAL]
    kept = np.unique(skin)
    renumbered = np.full(len(reference.mean), -1, np.int32)
    renumbered[kept] = np.arange(len(kept))
    mean = reference.mean[kept] * PUBLISHED
    points = reference.landmarks(reference.mean) * PUBLISHED
    nearest = [int(((mean - p) ** 2).sum(axis=1).argmin()) for p in points]
    return Face(
        reference,
        kept,
        mean,
        renumbered[skin],
        reference.identity_basis[:, kept] * PUBLISHED,
        reference.identity_sigma,
        reference.expression_basis[:12, kept] * PUBLISHED,
        reference.expression_sigma[:12],
        np.array(nearest),
    )
