"""What a discriminator says of a batch of samples."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Verdict:
    """Scores and hidden layers of all scales.

    Attributes:
        scores: (B, 1, H, W) for every scale; higher is more real.
        hidden: for every scale the hidden layers' outputs, (B, C, H, W), shallow first.
    """

    scores: list[Tensor]
    hidden: list[list[Tensor]]

    @staticmethod
    def of(scales: list[tuple[Tensor, list[Tensor]]]) -> Verdict:
        """From what `MultiScale` returns."""
        return Verdict([s.float() for s, _ in scales], [h for _, h in scales])
