"""Perceptual distance by the packaged ImageNet network: LPIPS' form without its learned weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from h2h.losses.perceptual import efficientnet_lite0_loss

SMALL = 1e-10


def feature_distance(real: list[Tensor], fake: list[Tensor]) -> float:
    """Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (2018), eq. 1 with w = 1.

    At each place the channels are scaled to unit length; the squared distance is averaged over places, then layers.

    Args:
        real, fake: for each layer (1, C, h, w).

    Returns:
        0 to 4.
    """
    per_layer = []
    for a, b in zip(real, fake, strict=True):
        a, b = (x / (x.norm(dim=1, keepdim=True) + SMALL) for x in (a, b))
        per_layer.append(float(((a - b) ** 2).sum(dim=1).mean()))
    return float(np.mean(per_layer))


def perceptual_distance() -> Callable[[np.ndarray, np.ndarray], float]:
    """A function from two pictures (H, W, 3) uint8 to their distance, 0 to 4.

    EfficientNet-Lite0's stem and four of its stages, strides 2 to 16: the network, and the layers, of the open
    perceptual loss. Who was trained with that loss is at an advantage.
    """
    network = efficientnet_lite0_loss()

    @torch.inference_mode()
    def distance(real: np.ndarray, fake: np.ndarray) -> float:
        return feature_distance(*(network.features(as_tensor(picture)) for picture in (real, fake)))

    return distance


def as_tensor(picture: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) float32 in [-1, 1]."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
