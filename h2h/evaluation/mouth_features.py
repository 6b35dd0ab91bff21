"""Features of mouth crops, for a Frechet distance that sees lips and teeth (what a mouth discriminator is for)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from h2h.evaluation.pixel_distance import mouth_square
from h2h.losses.perceptual import IMAGENET_DEVIATION, IMAGENET_MEAN, efficientnet_lite0

SIDE = 160  # px; crops are enlarged to this


def extractor() -> Callable[[np.ndarray, np.ndarray, float], np.ndarray]:
    """A function from a frame (S, S, 3) uint8, the mouth's centre and the crop's side to unit-norm features (1280,).

    EfficientNet-Lite0 with ImageNet weights, the mean over its last layer: neither a face network, which looks past
    the mouth's inside, nor one that any method is trained with at this depth.
    """
    network = efficientnet_lite0()
    mean, deviation = (torch.tensor(v)[:, None, None] for v in (IMAGENET_MEAN, IMAGENET_DEVIATION))

    @torch.inference_mode()
    def features(frame: np.ndarray, centre: np.ndarray, crop: float) -> np.ndarray:
        rows, columns = mouth_square(frame.shape[0], centre, crop)
        mouth = cv2.resize(frame[rows, columns], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        picture = (torch.from_numpy(mouth).permute(2, 0, 1).float() / 255 - mean) / deviation
        return F.normalize(network.extract_features(picture[None]).mean((2, 3)), dim=1)[0].numpy()

    return features
