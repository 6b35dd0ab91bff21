"""How a reenacted frame is shown: alone, beside its source, or with everything that led to it."""

from __future__ import annotations

import cv2
import numpy as np

LAYOUTS = {
    "result": "the target alone",
    "side-by-side": "source and result",
    "diagnostic": "source, NMFC image, gaze image and result",
}


def arrange(layout: str, source: np.ndarray, nmfc: np.ndarray, gaze: np.ndarray, result: np.ndarray) -> np.ndarray:
    """One picture of a frame.

    Args:
        layout: one of `LAYOUTS`.
        source: (A, A, 3) uint8, the source's crop.
        nmfc, gaze: (S, S, 3) uint8.
        result: (H, W, 3 or 4) uint8.

    Returns:
        (H, W', 3 or 4) uint8: the pictures at the result's height, in a row.
    """
    if layout == "result":
        return result
    others = (source,) if layout == "side-by-side" else (source, nmfc, gaze)
    height = len(result)
    row = [cv2.resize(picture, (height, height), interpolation=cv2.INTER_AREA) for picture in others]
    if result.shape[-1] == 4:
        row = [np.concatenate([picture, np.full_like(picture[..., :1], 255)], axis=-1) for picture in row]
    return np.concatenate([*row, result], axis=1)
