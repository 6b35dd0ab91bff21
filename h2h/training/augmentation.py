"""Small shifts, zooms and turns of a training clip, alike for all its pictures."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def jitter(clip: dict[str, Tensor], amount: float, rng: np.random.Generator) -> dict[str, Tensor]:
    """Shift, zoom and turn every frame of a clip in the same way.

    A model that is fine-tuned on 50 frames sees few head positions; these moves show it others without
    changing what the motion looks like. Never mirrored: faces, and the x coordinate in the NMFC, are not
    symmetric.

    Args:
        clip: `frames`, `masks`, `conditions`, `flows`, `mouths`, `faces` as in `Batch`, without the batch axis.
        amount: largest shift over the picture's side, relative change of size, and turn in radians.
        rng: the draw.

    Returns:
        A new clip.
    """
    zoom, turn = 1 + amount * float(rng.uniform(-1, 1)), amount * float(rng.uniform(-1, 1))
    shift = torch.tensor(amount * rng.uniform(-1, 1, 2), dtype=torch.float32)
    return transform(clip, zoom, shift, turn)


def transform(clip: dict[str, Tensor], zoom: float, shift: Tensor, turn: float = 0.0) -> dict[str, Tensor]:
    """Move the point p (fractions of the picture) of every picture to 0.5 + zoom R (p - 0.5) + shift.

    R turns by `turn` radians, clockwise as seen; flow vectors grow and turn likewise. Beyond the old
    picture's border its last pixels go on, so that shoulders cut off by the frame do not end in mid-air.
    """
    cos, sin = math.cos(turn), math.sin(turn)
    forward = zoom * torch.tensor([[cos, -sin], [sin, cos]])
    # affine_grid wants, for every output place in [-1, 1], the input place.
    back = torch.linalg.inv(forward)
    theta = torch.cat((back, back @ (-2 * shift[:, None])), 1)
    size = clip["frames"].shape[-1]
    grid = F.affine_grid(theta[None], [1, 1, size, size], align_corners=False)

    def warp(x: Tensor) -> Tensor:
        moved = F.grid_sample(x.flatten(0, 1)[None], grid, mode="bilinear", padding_mode="border", align_corners=False)
        return moved.view_as(x)

    def move(points: Tensor) -> Tensor:
        return 0.5 + (points - 0.5) @ forward.T + shift

    return {
        "frames": warp(clip["frames"]),
        "masks": warp(clip["masks"]),
        "conditions": warp(clip["conditions"]),
        "flows": torch.einsum("ij,tjhw->tihw", forward, warp(clip["flows"])),
        "mouths": move(clip["mouths"]),
        "faces": move(clip["faces"]),
    }
