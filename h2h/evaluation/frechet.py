"""Frechet distance of two sets of features (Heusel et al. 2017), usable with fewer samples than dimensions."""

from __future__ import annotations

import numpy as np

REGULARISATION = 1e-6  # added to the covariances' diagonals: with n < d they are singular


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """|mu_a - mu_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)) of the sets' Gaussians.

    The trace of the square root is taken from the symmetric form (C_a^(1/2) C_b C_a^(1/2))^(1/2), whose eigenvalues
    are real and not negative, so that singular covariances need no complex arithmetic.

    Args:
        a: (n, d) float.
        b: (m, d) float.
    """
    mean_a, mean_b = a.mean(0), b.mean(0)
    eye = REGULARISATION * np.eye(a.shape[1])
    cov_a, cov_b = np.cov(a, rowvar=False) + eye, np.cov(b, rowvar=False) + eye
    return gaussian_distance(mean_a, cov_a, mean_b, cov_b)


def gaussian_distance(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> float:
    """Frechet distance of two Gaussians. Means (d,), covariances (d, d)."""
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root_a @ cov_b @ root_a).clip(0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def bootstrap_deviation(a: np.ndarray, b: np.ndarray, samples: int, seed: int) -> float:
    """Standard deviation of the Frechet distance over resampled frames (the papers' +-, as far as one can tell)."""
    rng = np.random.default_rng(seed)
    draws = [
        frechet_distance(a[rng.integers(0, len(a), len(a))], b[rng.integers(0, len(b), len(b))]) for _ in range(samples)
    ]
    return float(np.std(draws))
