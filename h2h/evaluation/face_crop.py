"""What a forgery detector is shown: the face, cut out and compressed alike of true and of synthesised frames."""

from __future__ import annotations

import cv2
import numpy as np

ENLARGED = 1.3  # the crop's side over the face's, as in FaceForensics++
LEAST_FACE = 8  # px, across the drawn face


def face_square(nmfc: np.ndarray) -> tuple[float, float, float] | None:
    """Where the face is by its conditional image, which true and synthesised frames share.

    A detector of faces would find a square of its own in each of the two, and the squares might tell them apart.

    Args:
        nmfc: (S, S, 3) uint8, black outside the face.

    Returns:
        Centre x and y and side, px; None without a face.
    """
    drawn = nmfc.any(axis=-1)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if len(rows) < LEAST_FACE or len(columns) < LEAST_FACE:
        return None
    side = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    return (columns[0] + columns[-1]) / 2, (rows[0] + rows[-1]) / 2, ENLARGED * side


def face_crop(frame: np.ndarray, square: tuple[float, float, float], side: int, quality: int) -> np.ndarray:
    """A square of a frame, enlarged and compressed as JPEG.

    Args:
        frame: (S, S, 3) uint8, on black.
        square: of `face_square`; what is outside the frame is black.
        side: of the result, px.
        quality: of the JPEG file that it goes through, 1 to 100.

    Returns:
        (side, side, 3) uint8.
    """
    x, y, width = square
    scale = side / width
    # pixel centres: the square's corner (x - width / 2) + 0.5 lands on -0.5
    shift = [side / 2 - 0.5 - scale * x, side / 2 - 0.5 - scale * y]
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    cut = cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_CUBIC)
    data = cv2.imencode(".jpg", cut[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
