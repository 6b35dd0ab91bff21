"""Adam for all networks of a training, and steps with given gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from h2h.training.memory_order import laid_out
from h2h.training.networks import Networks

BETAS = (0.5, 0.999)


@dataclass
class Optimisers:
    """Adam for the generator, for all discriminators together, and for the embedder, where they are there."""

    generator: torch.optim.Adam
    discriminators: torch.optim.Adam | None
    embedder: torch.optim.Adam | None

    @staticmethod
    def of(
        networks: Networks, lr_generator: float, lr_discriminator: float, lr_embedder: float | None = None
    ) -> Optimisers:
        """Fresh optimisers for networks that are already on their device; where there is an embedder, it has a rate."""
        judges = [p for net in networks.discriminators() for p in net.parameters()]
        embedder = networks.embedder
        return Optimisers(
            torch.optim.Adam(networks.generator.parameters(), lr_generator, BETAS, fused=True),
            torch.optim.Adam(judges, lr_discriminator, BETAS, fused=True) if judges else None,
            None if embedder is None else torch.optim.Adam(embedder.parameters(), lr_embedder, BETAS, fused=True),
        )

    def items(self) -> dict[str, torch.optim.Adam]:
        """The optimisers that are there, by name."""
        return {name: optimiser for name, optimiser in vars(self).items() if optimiser is not None}

    def scale_rates(self, factor: float) -> None:
        """Set every rate to its first value times `factor`."""
        for optimiser in self.items().values():
            for group in optimiser.param_groups:
                first = group.setdefault("initial_lr", group["lr"])
                group["lr"] = first * factor


def parameters(optimiser: torch.optim.Adam) -> list[Tensor]:
    """What an optimiser changes, in its order."""
    return [p for group in optimiser.param_groups for p in group["params"]]


def finite(tensors: Sequence[Tensor | None]) -> bool:
    """Whether all numbers of some tensors are finite."""
    return bool(torch.isfinite(nn.utils.get_total_norm([t for t in tensors if t is not None])))


def step(optimiser: torch.optim.Adam, gradients: Sequence[Tensor | None]) -> None:
    """Step with these gradients; parameters without one stay as they are."""
    for parameter, gradient in zip(parameters(optimiser), gradients, strict=True):
        parameter.grad = None if gradient is None else laid_out(gradient, parameter)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
