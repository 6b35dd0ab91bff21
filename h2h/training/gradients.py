"""What a chunk of frames teaches the networks, and how the parts of a batch are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Gradients:
    """Gradients for the parameters of each optimiser, and for the identity features where they are asked for.

    Attributes:
        generator: of the generator.
        judges: of the discriminators; None where a parameter had no part.
        sums: the weighted losses, which must be finite.
        to_h: (B, n_f), the adversarial gradient of h.
        values: the losses by name.
    """

    generator: list[Tensor]
    judges: list[Tensor | None]
    sums: list[Tensor]
    to_h: Tensor | None
    values: dict[str, Tensor]

    def plus(self, other: Gradients) -> Gradients:
        """The sum over two parts of a batch (in place); their features' gradients one below the other."""
        both = self.to_h is not None and other.to_h is not None
        return Gradients(
            _add(self.generator, other.generator),
            _add(self.judges, other.judges),
            _add(self.sums, other.sums),
            torch.cat((self.to_h, other.to_h)) if both else None,
            self.values,
        )

    def over(self, parts: int) -> Gradients:
        """From the sum over equal parts of a batch to what the batch as a whole teaches (in place)."""
        if parts > 1:
            given = [*self.generator, *self.judges, *self.sums, self.to_h]
            torch._foreach_div_([tensor for tensor in given if tensor is not None], parts)
        return self


def gradients_or_zeros(loss: Tensor, leaves: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Gradients of a loss for leaves that it may not depend on (then zeros)."""
    if not loss.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]


def _add(one: Sequence[Tensor | None], other: Sequence[Tensor | None]) -> list[Tensor | None]:
    return [b if a is None else a if b is None else a.add_(b) for a, b in zip(one, other, strict=True)]
