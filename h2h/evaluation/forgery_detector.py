"""A forgery detector: logistic regression on features of faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

SMALL = 1e-6
STEPS = 500


@dataclass(frozen=True)
class ForgeryDetector:
    """A plane between true and synthesised faces.

    Attributes:
        mean, deviation: (D,) of the features that it was trained on.
        weights: (D,) of the features after standardising.
        offset: of the plane.
    """

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray
    offset: float

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """How likely faces are synthesised. (T, D) -> (T,) float64, 0 to 1."""
        return expit(((features - self.mean) / self.deviation) @ self.weights + self.offset)


def train_detector(
    real: Sequence[Sequence[np.ndarray]], fake: Sequence[Sequence[np.ndarray]], penalty: float
) -> ForgeryDetector:
    """Fit the plane.

    True and synthesised faces count alike, within a side each group, and within a group each clip, however long.

    Args:
        real, fake: groups of clips' features, (T, D) each. Clips and groups without frames do not count.
        penalty: on the squared weights, over two.

    Raises:
        ValueError: a side has no frames.
    """
    clips, labels, shares = [], [], []
    for label, side in enumerate((real, fake)):
        groups = [found for group in side if (found := [clip for clip in group if len(clip)])]
        if not groups:
            raise ValueError("a detector needs true and synthesised faces")
        for group in groups:
            for clip in group:
                clips.append(clip)
                labels.append(np.full(len(clip), float(label)))
                shares.append(np.full(len(clip), 0.5 / (len(groups) * len(group) * len(clip))))
    features, labels, shares = np.concatenate(clips).astype(np.float64), np.concatenate(labels), np.concatenate(shares)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + SMALL
    standard = (features - mean) / deviation

    def loss(plane: np.ndarray) -> tuple[float, np.ndarray]:
        score = standard @ plane[:-1] + plane[-1]
        value = shares @ (np.logaddexp(0, score) - labels * score) + penalty / 2 * plane[:-1] @ plane[:-1]
        slope = shares * (expit(score) - labels)
        return value, np.append(standard.T @ slope + penalty * plane[:-1], slope.sum())

    start = np.zeros(standard.shape[1] + 1)
    plane = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return ForgeryDetector(mean, deviation, plane[:-1], float(plane[-1]))
