"""Alignment of a set of shapes and their principal components."""

from __future__ import annotations

import numpy as np


def align(shapes: np.ndarray, reference: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Similarity-align shapes to a reference (Umeyama 1991).

    Args:
        shapes: float (n, N, 3).
        reference: float (N, 3).
        points: bool (N,), the vertices that decide.

    Returns:
        (n, N, 3), of the shapes' type.
    """
    target = reference[points]
    moved = shapes[:, points]
    turn = similarities(moved, target).astype(shapes.dtype)
    return (shapes - moved.mean(axis=1, keepdims=True)) @ turn + target.mean(axis=0).astype(shapes.dtype)


def similarities(sources: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Rotation and scale that bring points closest to `target`, once both are centred: x @ matrix (Umeyama 1991).

    Args:
        sources: float (n, P, 3).
        target: float (P, 3).

    Returns:
        f64 (n, 3, 3), proper rotations times scales.
    """
    centred = sources - sources.mean(axis=1, keepdims=True)
    u, singular, vt = np.linalg.svd(np.einsum("npi,pj->nij", centred, target - target.mean(axis=0)).astype(np.float64))
    signs = np.ones_like(singular)
    signs[:, 2] = np.sign(np.linalg.det(u @ vt))
    scale = (singular * signs).sum(axis=1) / (centred.astype(np.float64) ** 2).sum(axis=(1, 2))
    return (u * signs[:, None, :]) @ vt * scale[:, None, None]


def principal_components(deviations: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """PCA of centred rows through their Gram matrix (fewer rows than columns).

    Args:
        deviations: float (n, d).
        components: how many, below n.

    Returns:
        Orthonormal basis f32 (components, d), every row's largest entry positive, and standard deviations f32
        (components,), falling.
    """
    gram = (deviations @ deviations.T).astype(np.float64)
    variance, vectors = np.linalg.eigh(gram / (len(deviations) - 1))
    variance, vectors = variance[::-1][:components], vectors[:, ::-1][:, :components]
    basis = vectors.T.astype(deviations.dtype) @ deviations
    basis = np.linalg.qr(basis.T.astype(np.float64))[0].T  # rows are orthogonal already, up to rounding of the Gram
    largest = np.abs(basis).argmax(axis=1)
    basis *= np.sign(basis[np.arange(components), largest])[:, None]
    return basis.astype(np.float32), np.sqrt(np.maximum(variance, 0)).astype(np.float32)
