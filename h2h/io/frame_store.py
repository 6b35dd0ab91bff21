"""Many large pictures at once, on disk instead of in memory, in any order."""

from __future__ import annotations

import tempfile

import cv2
import numpy as np

QUALITY = 98  # of JPEG: a frame of a video has lost more already


class FrameStore:
    """Pictures by number, in a temporary file that nobody else sees; use it in a `with` statement."""

    def __enter__(self) -> FrameStore:
        self._file = tempfile.TemporaryFile()
        self._places: dict[int, tuple[int, int]] = {}
        return self

    def __exit__(self, *unused: object) -> None:
        self._file.close()

    def add(self, number: int, picture: np.ndarray) -> None:
        """Keep a picture, (H, W, 3) uint8 RGB."""
        data = cv2.imencode(".jpg", picture[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, QUALITY))[1]
        self._places[number] = (self._file.seek(0, 2), len(data))
        self._file.write(data.tobytes())

    def __contains__(self, number: int) -> bool:
        return number in self._places

    def __getitem__(self, number: int) -> np.ndarray:
        """The picture with that number.

        Raises:
            KeyError: there is none.
        """
        start, length = self._places[number]
        self._file.seek(start)
        data = np.frombuffer(self._file.read(length), np.uint8)
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
