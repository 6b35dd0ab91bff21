"""Features by which a forgery detector tells synthesised faces from true ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from h2h.losses.perceptual import efficientnet_lite0_loss

SIDE = 112  # px of a crop
BATCH = 32


def forgery_features() -> Callable[[np.ndarray], np.ndarray]:
    """A function from crops (B, SIDE, SIDE, 3) uint8 to features (B, 384) float32.

    Mean and deviation over the crop of every channel of the packaged EfficientNet-Lite0 at strides 2 to 16: textures
    rather than who it is. What a decoder leaves behind is seen in the first of them.
    """
    network = efficientnet_lite0_loss()

    @torch.inference_mode()
    def features(crops: np.ndarray) -> np.ndarray:
        found = []
        for first in range(0, len(crops), BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(crops[first : first + BATCH])).permute(0, 3, 1, 2)
            maps = network.features(batch.float() / 127.5 - 1)
            found.append(torch.cat([f(m, dim=(2, 3)) for m in maps for f in (torch.mean, torch.std)], dim=1).numpy())
        return np.concatenate(found) if found else np.zeros((0, 384), np.float32)

    return features
