"""What is behind a synthesised person."""

from __future__ import annotations

import re

import cv2
import numpy as np

from h2h.models.background import composite

PLATE, TRANSPARENT = "plate", "transparent"  # the person's own background, and none
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
NAMED = {"black": "#000000", "white": "#ffffff", "green": "#00b140"}  # green: of chroma keying


def colour(text: str, size: int) -> np.ndarray | None:
    """`#rrggbb` or a name in `NAMED` -> a picture (size, size, 3) uint8; None if it is something else."""
    text = NAMED.get(text, text)
    if not _COLOUR.fullmatch(text):
        return None
    value = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    return np.broadcast_to(value, (size, size, 3)).copy()


def cover(picture: np.ndarray, size: int) -> np.ndarray:
    """The middle square of a picture (H, W, 3) uint8, resized to (size, size, 3)."""
    height, width = picture.shape[:2]
    side = min(height, width)
    y, x = (height - side) // 2, (width - side) // 2
    square = picture[y : y + side, x : x + side]
    return cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)


def lay_over(foreground: np.ndarray, mask: np.ndarray, background: np.ndarray | None) -> np.ndarray:
    """Put a person before a background.

    Args:
        foreground: (S, S, 3) uint8, the person on black (colours already multiplied by alpha).
        mask: (S, S) uint8 alpha.
        background: (S, S, 3) uint8; None: keep it transparent.

    Returns:
        (S, S, 3) uint8, or with alpha (S, S, 4), its colours not multiplied by it.
    """
    if background is not None:
        return composite(foreground, mask, background)
    alpha = np.maximum(mask[..., None].astype(np.float32), 1) / 255
    plain = (foreground / alpha).clip(0, 255).round().astype(np.uint8)
    return np.concatenate([plain, mask[..., None]], axis=-1)
