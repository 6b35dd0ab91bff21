"""Add the mark to pictures, stronger where the picture is busy."""

from __future__ import annotations

import cv2
import numpy as np

from h2h.watermark.pattern import PERIOD, tile

FLAT = 1.4  # grey levels RMS where the picture has no detail
PER_DETAIL = 0.24  # added for each grey level of detail
LIMIT = 2.45  # RMS over a picture: 40.3 dB
_CELL = 8  # px; the strength varies on this grid


class Marker:
    """Marks pictures of one size with a 32-bit number.

    Args:
        number: what the mark says.
        height, width: of the pictures, px; at least 16.
    """

    def __init__(self, number: int, height: int, width: int):
        repeats = (-(-height // PERIOD), -(-width // PERIOD))
        self.pattern = np.ascontiguousarray(np.tile(tile(number), repeats)[:height, :width])

    def mark(self, picture: np.ndarray) -> np.ndarray:
        """The marked copy of a picture, (H, W, 3) uint8; PSNR at least 40 dB."""
        added = strength(picture)
        added = cv2.resize(added, self.pattern.shape[::-1]) * self.pattern
        # OpenCV adds bytes an order faster than NumPy adds signed numbers: 128 stands for no change
        grey = (added + 128.5).astype(np.uint8)
        return cv2.addWeighted(picture, 1, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), 1, -128)


def strength(picture: np.ndarray) -> np.ndarray:
    """How strong the mark is, in grey levels RMS, on a grid of cells of 8 px: (H // 8, W // 8) float32.

    Detail is the mean distance of a picture of half size from its 3 x 3 mean: noise and texture hide the mark, a wall
    does not.
    """
    height, width = picture.shape[:2]
    half = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(half, cv2.COLOR_RGB2GRAY)
    detail = cv2.absdiff(grey, cv2.blur(grey, (3, 3)))
    cells = cv2.resize(detail, (width // _CELL, height // _CELL), interpolation=cv2.INTER_AREA)
    gain = cv2.blur(cells, (3, 3)).astype(np.float32) * PER_DETAIL + FLAT
    rms = float(np.sqrt(np.mean(np.square(gain))))
    return gain * min(1.0, LIMIT / rms)
