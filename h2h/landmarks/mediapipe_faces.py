"""Face boxes by MediaPipe's detector (weights inside the package), for programs that run without torch."""

from __future__ import annotations

import os

os.environ.setdefault("GLOG_minloglevel", "2")

import mediapipe as mp
import numpy as np

FULL_RANGE = 1  # faces up to 5 m away
GROWTH = np.array([-0.08, 0.16, -0.08, 0.0])  # left, top, right, bottom, of its sides: measured against MTCNN's boxes


class MediaPipeFaces:
    """Finds faces, with boxes like those of `detector.FaceDetector`.

    Args:
        min_face: shorter side of the smallest face, px.
        min_confidence: boxes below it are dropped; its scores are lower than MTCNN's.
    """

    def __init__(self, min_face: int, min_confidence: float = 0.5):
        self._min_face = min_face
        self._network = mp.solutions.face_detection.FaceDetection(min_confidence, FULL_RANGE)

    def __enter__(self) -> MediaPipeFaces:
        return self

    def __exit__(self, *unused: object) -> None:
        self._network.close()

    def __call__(self, images: list[np.ndarray]) -> list[np.ndarray]:
        """Find faces. (H, W, 3) uint8 RGB pictures -> a float64 (n, 4) array each: x0, y0, x1, y1 in px."""
        return [self._boxes(image) for image in images]

    def _boxes(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        found = []
        for detection in self._network.process(image).detections or []:
            box = detection.location_data.relative_bounding_box
            low = np.array([box.xmin * width, box.ymin * height])
            size = np.array([box.width * width, box.height * height])
            if size.min() >= self._min_face:
                found.append([*(low - GROWTH[:2] * size), *(low + size + GROWTH[2:] * size)])
        return np.array(found, np.float64).reshape(-1, 4)
