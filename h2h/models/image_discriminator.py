"""The image discriminator D_I with identity projection (FS eq. 7)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from h2h.models.initialise import DEVIATION
from h2h.models.patchgan import MultiScale, PatchGAN
from h2h.models.verdict import Verdict


class ImageDiscriminator(nn.Module):
    """r = d^T (w_i + w_0) + c for every patch, with one row w_i of W for each person.

    Args:
        condition_channels: channels of the conditional input of one frame.
        filters: base filters of the PatchGAN.
        layers: its strided layers.
        scales: image scales.
        embedding: n_f; None for a plain PatchGAN without projection (vid2vid).
        people: N, rows of W.
    """

    def __init__(
        self,
        condition_channels: int,
        filters: int = 64,
        layers: int = 3,
        scales: int = 2,
        embedding: int | None = 512,
        people: int = 1,
    ):
        super().__init__()
        inputs, outputs = condition_channels + 3, embedding or 1
        self.projects = embedding is not None
        self.features = MultiScale(lambda: PatchGAN(inputs, filters, layers, outputs), scales)
        if embedding is not None:
            self.rows = nn.Parameter(torch.randn(people, embedding) * DEVIATION)
            self.w0 = nn.Parameter(torch.randn(embedding) * DEVIATION)
            self.c = nn.Parameter(torch.zeros(1))

    def forward(self, condition: Tensor, frame: Tensor, person: Tensor | None = None) -> Verdict:
        """Score frames.

        Args:
            condition: (B, condition_channels, H, W) in [-1, 1].
            frame: (B, 3, H, W) in [-1, 1], real or generated.
            person: (B,) int64, rows of W; unused without projection.

        Returns:
            scores (B, 1, H', W') and hidden layers of every image scale.
        """
        scales = self.features(torch.cat((condition, frame), 1))
        if not self.projects:
            return Verdict.of(scales)
        weight = self.rows[person] + self.w0  # (B, n_f)
        return Verdict.of([(project(d, weight, self.c), hidden) for d, hidden in scales])

    @torch.no_grad()
    def collapse(self, h: Tensor) -> None:
        """Replace W, in place, by a single row that starts as the new person's feature `h` (n_f,) (FS 3.4)."""
        self.rows = nn.Parameter(h.detach().clone()[None].to(self.w0))


def project(d: Tensor, weight: Tensor, c: Tensor) -> Tensor:
    """FS eq. 7 for every patch: features d (B, n_f, H, W), w_i + w_0 (B, n_f), c (1,) -> scores (B, 1, H, W)."""
    with torch.autocast(d.device.type, enabled=False):
        return torch.einsum("bchw,bc->bhw", d.float(), weight.float())[:, None] + c
