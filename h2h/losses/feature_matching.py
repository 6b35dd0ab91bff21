"""Feature matching (pix2pixHD): L1 between a discriminator's hidden layers for real and generated samples."""

from __future__ import annotations

from torch import Tensor

from h2h.models.verdict import Verdict

LAYER_WEIGHT = 4.0  # pix2pixHD: 4 / number of layers


def feature_matching(real: Verdict, fake: Verdict) -> Tensor:
    """Mean absolute difference of the hidden layers, averaged over scales, times 4 over the layers.

    No gradient flows through the real sample's features.

    Args:
        real: the discriminator's verdict on real samples.
        fake: on generated ones, same shapes.

    Returns:
        A scalar.
    """
    total = fake.scores[0].new_zeros(())
    for of_real, of_fake in zip(real.hidden, fake.hidden, strict=True):
        for a, b in zip(of_real, of_fake, strict=True):
            total = total + (a.detach() - b).abs().mean(dtype=total.dtype) * (LAYER_WEIGHT / len(of_real))
    return total / len(real.hidden)
