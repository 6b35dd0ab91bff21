"""Small shifts and zooms of a training clip, alike for all its pictures."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def jitter(clip: dict[str, Tensor], amount: float, rng: np.random.Generator) -> dict[str, Tensor]:
    """Shift and zoom every frame of a clip in the same way.

    A model that is fine-tuned on 50 frames sees few head positions; these moves show it others without
    changing what the motion looks like. Flow vectors grow with the zoom. Never mirrored: faces, and the
    x coordinate in the NMFC, are not symmetric.

    Args:
        clip: `frames`, `masks`, `conditions`, `flows`, `mouths` as in `Batch`, without the batch axis.
        amount: largest shift over the picture's side, and largest relative change of size.
        rng: the draw.

    Returns:
        A new clip. Outside the old pictures everything is empty: black, no foreground, no motion.
    """
    zoom = 1 + amount * float(rng.uniform(-1, 1))
    shift = torch.tensor(amount * rng.uniform(-1, 1, 2), dtype=torch.float32)
    return transform(clip, zoom, shift)


def transform(clip: dict[str, Tensor], zoom: float, shift: Tensor) -> dict[str, Tensor]:
    """Move the point p (fractions of the picture) of every picture to 0.5 + zoom (p - 0.5) + shift."""
    # affine_grid wants, for every output place in [-1, 1], the input place.
    theta = torch.tensor([[1 / zoom, 0, 0], [0, 1 / zoom, 0]])
    theta[:, 2] = -2 * shift / zoom
    size = clip["frames"].shape[-1]
    grid = F.affine_grid(theta[None], [1, 1, size, size], align_corners=False)

    def warp(x: Tensor, mode: str, empty: float) -> Tensor:
        moved = F.grid_sample((x - empty).flatten(0, 1)[None], grid, mode=mode, align_corners=False)
        return moved.view_as(x) + empty

    return {
        "frames": warp(clip["frames"], "bilinear", -1.0),
        "masks": warp(clip["masks"], "bilinear", 0.0),
        "conditions": warp(clip["conditions"], "nearest", -1.0),  # coordinates of different triangles do not blend
        "flows": warp(clip["flows"], "bilinear", 0.0) * zoom,
        "mouths": 0.5 + zoom * (clip["mouths"] - 0.5) + shift,
    }
