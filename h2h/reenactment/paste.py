"""Put a synthesised face back into the target's full frame."""

from __future__ import annotations

import cv2
import numpy as np

GROWN, FEATHER = 0.05, 0.035  # of the crop's side: how far beyond the face pixels change, and how softly


def face_mask(*nmfc: np.ndarray) -> np.ndarray:
    """Where a face is in any of several NMFC images, without holes, grown and feathered.

    Args:
        nmfc: (S, S, 3) uint8: of the synthesised frame and of the true one, so that a chin that moved is covered.

    Returns:
        (S, S) float32 in [0, 1].
    """
    size = len(nmfc[0])
    covered = np.any([image.any(axis=-1) for image in nmfc], axis=0).astype(np.uint8)
    outlines, _ = cv2.findContours(covered, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(covered, outlines, -1, 1, cv2.FILLED)
    reach = 2 * round(GROWN * size) + 1
    grown = cv2.dilate(filled, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return cv2.GaussianBlur(grown.astype(np.float32), (0, 0), max(FEATHER * size / 2, 0.5))


def paste_back(frame: np.ndarray, crop: np.ndarray, patch: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Blend a crop into the frame that it comes from.

    Args:
        frame: (H, W, 3) uint8.
        crop: (3,) x, y of the upper left corner and side, px of the frame; it may reach over the border.
        patch: (S, S, 3) uint8, what the crop shows now.
        alpha: (S, S) in [0, 1], its weight.

    Returns:
        (H, W, 3) uint8.
    """
    x, y, side = (round(float(value)) for value in crop)
    height, width = frame.shape[:2]
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + side, width), min(y + side, height)
    if left >= right or top >= bottom:
        return frame.copy()
    inside = (slice(top - y, bottom - y), slice(left - x, right - x))
    new = cv2.resize(patch, (side, side), interpolation=cv2.INTER_CUBIC)[inside].astype(np.float32)
    weight = cv2.resize(alpha.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)[inside][..., None]
    pasted = frame.copy()
    old = frame[top:bottom, left:right]
    pasted[top:bottom, left:right] = (old + weight * (new - old)).round().clip(0, 255).astype(np.uint8)
    return pasted
