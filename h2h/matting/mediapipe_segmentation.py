"""Coarse person masks by MediaPipe's selfie segmentation (weights inside the package)."""

from __future__ import annotations

import os

os.environ.setdefault("GLOG_minloglevel", "2")

import mediapipe as mp
import numpy as np


class SelfieSegmenter:
    """Probability that a pixel belongs to a person."""

    def __enter__(self) -> SelfieSegmenter:
        self._network = mp.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
        return self

    def __exit__(self, *unused: object) -> None:
        self._network.close()

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB -> (H, W) float32 in [0, 1]."""
        return self._network.process(image).segmentation_mask
