"""Frechet distance of two sets of features (Heusel et al. 2017), also with fewer samples than dimensions."""

from __future__ import annotations

import numpy as np

from h2h.evaluation.bootstrap import block_draws, shifted_interval


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """|mu_a - mu_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)) of the sets' Gaussians, exact for any n, m and d.

    With A and B the centred samples over the roots of n - 1 and m - 1, C_a C_b = A^T (A B^T) B has the same eigenvalues
    other than 0 as (A B^T)(A B^T)^T: the trace of its root is the sum of the singular values of A B^T. So covariances
    of less than full rank need neither a regularisation nor complex roots, and small sets no d x d matrix.

    Args:
        a: (n, d) float; a single sample is a Gaussian without extent.
        b: (m, d) float.
    """
    mean_a, mean_b = a.mean(0), b.mean(0)
    left, right = ((x - m) / np.sqrt(max(len(x) - 1, 1)) for x, m in ((a, mean_a), (b, mean_b)))
    if max(len(a), len(b)) > a.shape[1]:
        return gaussian_distance(mean_a, left.T @ left, mean_b, right.T @ right)
    cross = np.linalg.svd(left @ right.T, compute_uv=False).sum()
    spread = (left**2).sum() + (right**2).sum()
    return max(float(((mean_a - mean_b) ** 2).sum() + spread - 2 * cross), 0.0)


def gaussian_distance(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> float:
    """Frechet distance of two Gaussians, also degenerate ones. Means (d,), covariances (d, d).

    The trace of the square root is taken from the symmetric form (C_a^(1/2) C_b C_a^(1/2))^(1/2), whose eigenvalues
    are real and not negative.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root_a @ cov_b @ root_a).clip(0)).sum()
    return max(float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross), 0.0)


def bootstrap_deviation(a: np.ndarray, b: np.ndarray, samples: int, seed: int) -> float:
    """Standard deviation of the Frechet distance over resampled frames (the papers' +-, as far as one can tell)."""
    rng = np.random.default_rng(seed)
    draws = [
        frechet_distance(a[rng.integers(0, len(a), len(a))], b[rng.integers(0, len(b), len(b))]) for _ in range(samples)
    ]
    return float(np.std(draws))


def frechet_interval(a: np.ndarray, b: np.ndarray, samples: int, seed: int) -> tuple[float, float]:
    """95% interval of the distance of two videos' features, (T, d) each and frame for frame.

    Blocks of consecutive frames are drawn, the same of both, see `bootstrap`.
    """
    draws = [frechet_distance(a[part], b[part]) for part in block_draws(len(a), samples, seed)]
    return shifted_interval(frechet_distance(a, b), np.array(draws))
