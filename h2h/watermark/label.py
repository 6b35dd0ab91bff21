"""The visible label: a line of text in a corner that says what the video is."""

from __future__ import annotations

import cv2
import numpy as np

TEXT = "AI-generated"
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CAPITAL = 22.0  # px, height of a capital letter at scale 1
_LEAST, _PART = 9.0, 1 / 28  # height of a capital letter: px at least, and of the picture's height
_WIDEST = 0.9  # of the picture's width


def labelled(picture: np.ndarray, text: str = TEXT) -> np.ndarray:
    """A copy with the text at the bottom right, white on a darkened strip.

    Args:
        picture: (H, W, 3) RGB or (H, W, 4) RGBA uint8; the strip becomes opaque.
        text: what is written.
    """
    height, width, channels = picture.shape
    scale = max(height * _PART, _LEAST) / _CAPITAL
    natural = cv2.getTextSize(text, _FONT, scale, 1)[0][0]
    scale *= min(1.0, _WIDEST * width / natural)
    thickness = max(1, round(1.6 * scale))
    (wide, high), below = cv2.getTextSize(text, _FONT, scale, thickness)
    pad = max(2, high // 3)
    strip = picture[height - high - below - 2 * pad :, max(0, width - wide - 2 * pad) :].copy()
    strip[..., :3] //= 3
    strip[..., 3:] = 255
    cv2.putText(strip, text, (pad, high + pad), _FONT, scale, (255,) * channels, thickness, cv2.LINE_AA)
    marked = picture.copy()
    marked[-strip.shape[0] :, -strip.shape[1] :] = strip
    return marked
