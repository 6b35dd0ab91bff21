"""The eyes and the mouth, enlarged: where small pictures need the perceptual loss to look hardest."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

SMALLEST = 16  # px: VGG19 halves its pictures four times


@dataclass(frozen=True)
class Region:
    """A rectangle that grows with the face.

    Attributes:
        point: its centre, 0 the middle of the eyes, 1 the middle of the mouth.
        reach: half its width and height over the distance between those two.
        size: width and height when enlarged, over the picture's.
    """

    point: int
    reach: tuple[float, float]
    size: tuple[float, float]


REGIONS = {
    "eyes": Region(0, (0.95, 0.4), (3 / 4, 5 / 16)),  # both eyes with their brows
    "mouth": Region(1, (0.6, 0.45), (3 / 4, 9 / 16)),  # from the nose to the chin's crease
}


def close_up(pictures: Tensor, face: Tensor, region: Region) -> Tensor:
    """Cut a region of the face out and enlarge it.

    In a picture of 128 px an eye is 8 px wide, and an open mouth 4 px high: less than one step of the perceptual
    network's coarser features. At the papers' 256 px they are twice as large, and the mouth has its own
    discriminator from the first step on. This gives them, and only them, that size back.

    Args:
        pictures: (N, 3, S, S), float.
        face: (N, 2, 2), the middle of the eyes and the middle of the mouth, x and y as fractions of the picture.
        region: which part.

    Returns:
        (N, 3, h, w) float32, channels last; beyond the picture's border its last pixels go on.
    """
    width, height = (max(round(part * pictures.shape[-1]), SMALLEST) for part in region.size)
    apart = torch.linalg.vector_norm(face[:, 0] - face[:, 1], dim=1)
    half = apart[:, None] * torch.tensor(region.reach, device=face.device)
    y, x = (((torch.arange(n, device=face.device) + 0.5) / n * 2 - 1) for n in (height, width))
    rectangle = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    at = face[:, None, None, region.point] + half[:, None, None] * rectangle
    enlarged = F.grid_sample(pictures.float(), 2 * at - 1, padding_mode="border", align_corners=False)
    return enlarged.contiguous(memory_format=torch.channels_last)
