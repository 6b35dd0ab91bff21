"""Adversarial objectives: hinge (FS section 4) and least squares (Head2Head eq. 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor
from torch.nn import functional as F

Kind = Literal["hinge", "lsgan"]


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor], kind: Kind = "hinge") -> Tensor:
    """What a discriminator minimises, summed over its scales.

    Args:
        real: scores of real samples, one tensor of any shape for each scale.
        fake: scores of generated samples.
        kind: hinge max(0, 1 - r) + max(0, 1 + f), or lsgan ((r - 1)^2 + f^2)/2.

    Returns:
        A scalar.
    """
    pairs = list(zip(real, fake, strict=True))
    if kind == "hinge":
        return sum((F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in pairs), real[0].new_zeros(()))
    return sum(((r - 1).square().mean() + f.square().mean() for r, f in pairs), real[0].new_zeros(())) / 2


def generator_loss(fake: Sequence[Tensor], kind: Kind = "hinge") -> Tensor:
    """What the generator and the embedder minimise, summed over the discriminator's scales: -f, or (f - 1)^2 / 2."""
    terms = [-f.mean() if kind == "hinge" else (f - 1).square().mean() / 2 for f in fake]
    return sum(terms[1:], terms[0])
