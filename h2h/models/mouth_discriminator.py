"""The mouth discriminator D_M and the crop that it sees."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from h2h.models.patchgan import MultiScale, PatchGAN
from h2h.models.verdict import Verdict


class MouthDiscriminator(nn.Module):
    """A PatchGAN on mouth crops; the FS paper shows it the picture only, Head2Head the condition too.

    Args:
        condition_channels: 0, or the channels of the conditional input when D_M sees it.
        filters: base filters.
        layers: strided layers.
        crop: side of the crop, pixels.
        scales: image scales.
    """

    def __init__(
        self, condition_channels: int = 0, filters: int = 64, layers: int = 3, crop: int = 36, scales: int = 1
    ):
        super().__init__()
        self.crop = crop
        self.condition_channels = condition_channels
        inputs = condition_channels + 3
        self.features = MultiScale(lambda: PatchGAN(inputs, filters, layers), scales)

    def forward(self, condition: Tensor, frame: Tensor, centre: Tensor) -> Verdict:
        """Score the mouths of `frame` (B, 3, H, W) in [-1, 1].

        Args:
            condition: (B, C, H, W), looked at only if `condition_channels` is not 0.
            frame: real or generated pictures.
            centre: (B, 2) mouth centres, fractions of the picture.
        """
        picture = torch.cat((condition, frame), 1) if self.condition_channels else frame
        return Verdict.of(self.features(mouth_crop(picture, centre, self.crop)))


def mouth_crop(pictures: Tensor, centre: Tensor, side: int) -> Tensor:
    """Cut a square around each mouth, moved so far that it lies within the picture.

    Args:
        pictures: (B, C, S, S).
        centre: (B, 2) x, y as fractions of the picture.
        side: of the square, pixels, at most S.

    Returns:
        (B, C, side, side), differentiable with respect to the pictures.
    """
    size = pictures.shape[-1]
    corner = (centre * size - side / 2).round().long().clamp(0, size - side).tolist()
    return torch.stack([p[:, y : y + side, x : x + side] for p, (x, y) in zip(pictures, corner, strict=True)])
