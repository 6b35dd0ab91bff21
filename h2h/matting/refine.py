"""From a coarse person probability to a soft alpha: a trimap around the outline, closed-form matting inside it."""

from __future__ import annotations

import cv2
import numpy as np
from pymatting import estimate_alpha_cf


def largest_component(mask: np.ndarray) -> np.ndarray:
    """Keep the largest connected region of a boolean mask and fill its holes. (H, W) bool -> (H, W) bool."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    kept = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    outside_count, outside, outside_stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8))
    for label in range(1, outside_count):  # background that touches no border is a hole
        x, y, w, h, _ = outside_stats[label]
        if x > 0 and y > 0 and x + w < mask.shape[1] and y + h < mask.shape[0]:
            kept |= outside == label
    return kept


def trimap(probability: np.ndarray, band: int) -> np.ndarray:
    """0 background, 1 foreground, 0.5 unknown within `band` pixels of the outline or where undecided.

    Args:
        probability: (H, W) float in [0, 1].
        band: half width of the unknown band, px.
    """
    person = largest_component(probability > 0.5).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    result = np.full(probability.shape, 0.5)
    result[cv2.erode(person, kernel) > 0] = 1.0
    result[cv2.dilate(person, kernel) == 0] = 0.0
    return result


def closed_form_alpha(image: np.ndarray, probability: np.ndarray, band: int) -> np.ndarray:
    """Alpha by closed-form matting (Levin et al. 2008, pymatting) from a coarse probability.

    Args:
        image: (H, W, 3) uint8 RGB.
        probability: (H, W) float in [0, 1].
        band: half width of the unknown band, px.

    Returns:
        (H, W) uint8 alpha. When the solver fails on a degenerate trimap, the coarse mask.
    """
    unknown = trimap(probability, band)
    if not ((unknown == 0).any() and (unknown == 1).any()):
        return coarse_alpha(probability)
    try:
        alpha = estimate_alpha_cf(
            image.astype(np.float64) / 255, unknown, laplacian_kwargs={"epsilon": 1e-5}, cg_kwargs={"maxiter": 200}
        )
    except (ValueError, np.linalg.LinAlgError):
        return coarse_alpha(probability)
    return np.round(np.clip(alpha, 0, 1) * 255).astype(np.uint8)


def coarse_alpha(probability: np.ndarray) -> np.ndarray:
    """The probability itself as alpha, without far-off regions. (H, W) float -> (H, W) uint8."""
    region = cv2.dilate(largest_component(probability > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.round(np.clip(probability, 0, 1) * 255).astype(np.uint8) * region
