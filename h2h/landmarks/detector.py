"""Face boxes by MTCNN (facenet-pytorch, weights inside the package)."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from facenet_pytorch import MTCNN


class FaceDetector:
    """MTCNN on frames shrunk to a width, with boxes given back in the frames' own pixels.

    Args:
        width: wider frames are shrunk to this.
        min_face: shorter side of the smallest face, px of the original frame.
        min_confidence: boxes below it are dropped.
    """

    def __init__(self, width: int, min_face: int, min_confidence: float):
        self._width, self._min_face, self._min_confidence = width, min_face, min_confidence
        self._networks: dict[int, MTCNN] = {}

    @torch.inference_mode()
    def __call__(self, images: list[np.ndarray]) -> list[np.ndarray]:
        """Find faces. (H, W, 3) uint8 RGB pictures of one size -> a float64 (n, 4) array each."""
        height, width = images[0].shape[:2]
        ratio = max(1.0, width / self._width)
        if ratio > 1:
            shape = (round(width / ratio), round(height / ratio))
            images = [cv2.resize(image, shape, interpolation=cv2.INTER_AREA) for image in images]
        smallest = max(round(self._min_face / ratio), 12)
        if min(images[0].shape[:2]) < smallest:  # MTCNN fails where no face fits in
            return [np.zeros((0, 4)) for _ in images]
        if smallest not in self._networks:
            self._networks[smallest] = MTCNN(keep_all=True, min_face_size=smallest, device="cpu")
        found, probabilities = self._networks[smallest].detect([np.asarray(image) for image in images])
        return [
            np.zeros((0, 4))
            if boxes is None
            else np.asarray(boxes, float)[np.asarray(p) >= self._min_confidence] * ratio
            for boxes, p in zip(found, probabilities, strict=True)
        ]
