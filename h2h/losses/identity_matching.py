"""Identity matching (FS eq. 8): the embedder's feature follows the discriminator's row of the same person."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def identity_matching(h: Tensor, rows: Tensor) -> Tensor:
    """Mean of 1 - cos(h, w_i).

    It is part of the embedder's objective only, so no gradient flows into the discriminator's rows.

    Args:
        h: (B, n_f) identity features.
        rows: (B, n_f), the row w_i of each sample's person.

    Returns:
        A scalar in [0, 2].
    """
    return (1 - F.cosine_similarity(h, rows.detach(), dim=1)).mean()
