"""Dense inverse search optical flow (Kroeger et al. 2016), OpenCV's implementation."""

from __future__ import annotations

import cv2
import numpy as np

PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}
SMALLEST = 48  # px: with pictures of 40 to 45 px OpenCV starts from the flow of the pair before, whatever that was


class DisFlow:
    """DIS with a preset: "ultrafast", "fast" or "medium"."""

    def __init__(self, preset: str):
        self._algorithm = cv2.DISOpticalFlow_create(PRESETS[preset])

    def __call__(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Motion from `first` to `second`: a point at (x, y) moves to (x + u, y + v).

        Args:
            first, second: (H, W, 3) uint8 RGB.

        Returns:
            (H, W, 2) float32, u and v in pixels.
        """
        height, width = first.shape[:2]
        margin = [max(0, SMALLEST - side) for side in (height, width)]
        grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (first, second)]
        if any(margin):
            grey = [cv2.copyMakeBorder(x, 0, margin[0], 0, margin[1], cv2.BORDER_REPLICATE) for x in grey]
        return np.ascontiguousarray(self._algorithm.calc(grey[0], grey[1], None)[:height, :width])
