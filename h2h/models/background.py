"""Backgrounds: the clean plate behind a person, and putting a synthesised person before it."""

from __future__ import annotations

import cv2
import numpy as np

CLEAR = 8  # an alpha of at most 8/255 counts as background
MARGIN = 5  # px, the person's surroundings are left out too: soft hair, shadows of the matting


def clean_plate(frames: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The still background behind a moving person.

    Every pixel is the median of the frames that show the background there; what is never seen is
    in-painted from its surroundings.

    Args:
        frames: (N, S, S, 3) uint8.
        masks: (N, S, S) uint8 foreground alpha.

    Returns:
        (S, S, 3) uint8; black if no frame shows any background.
    """
    kernel = np.ones((MARGIN, MARGIN), np.uint8)
    hidden = np.stack([cv2.dilate(mask, kernel) > CLEAR for mask in masks])
    values = np.ma.masked_array(frames, np.broadcast_to(hidden[..., None], frames.shape))
    plate = np.ma.median(values, axis=0).filled(0).round().astype(np.uint8)
    holes = hidden.all(0)
    if holes.all():
        return np.zeros_like(plate)
    return cv2.inpaint(plate, holes.astype(np.uint8), 3, cv2.INPAINT_TELEA) if holes.any() else plate


def composite(foreground: np.ndarray, mask: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Lay a person over a background: foreground + (1 - alpha) background.

    Args:
        foreground: (..., S, S, 3) uint8, the person on black (colours already multiplied by alpha).
        mask: (..., S, S) uint8 alpha.
        background: (S, S, 3) uint8, or one for each frame.

    Returns:
        uint8, the shape of `foreground`.
    """
    clear = 1 - mask[..., None].astype(np.float32) / 255
    return (foreground + clear * background).round().clip(0, 255).astype(np.uint8)
