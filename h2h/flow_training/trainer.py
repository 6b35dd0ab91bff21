"""A step of a flow network's training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from h2h.flow.frame_pair import predict_pyramid, unit
from h2h.flow_training.pairs import Pairs
from h2h.losses.end_point_error import multiscale_end_point_error
from h2h.training.divergence import Skipped
from h2h.training.loss_scale import LossScale
from h2h.training.precision import Precision
from h2h.training.resume import load_optimiser, optimiser_state

SLOWER = "lower the section's lr, or set compute.precision to fp32"


@dataclass
class FlowTrainer:
    """What a step needs besides its pairs.

    Attributes:
        network: one of `h2h.flow.variants`, in training mode.
        optimiser: over the network's parameters.
        precision: of the network; the errors are taken in float32.
        parts: weight of the error of each part whose flow is known.
        scales: weight of a pixel of each scale, finest first.
        largest_gradient: longer gradients (over all parameters) are shortened to this.
        skipped: counts the steps that were left out.
        scale: of the losses in float16.
    """

    network: nn.Module
    optimiser: torch.optim.Optimizer
    precision: Precision
    parts: Mapping[str, float]
    scales: Sequence[float]
    largest_gradient: float
    skipped: Skipped = field(default_factory=lambda: Skipped(SLOWER))
    scale: LossScale = field(init=False)

    def __post_init__(self) -> None:
        self.scale = LossScale(self.precision.autocast)

    def step(self, pairs: Pairs, rate: float) -> dict[str, float]:
        """Train on a batch.

        Args:
            pairs: the batch, on the network's device; H and W multiples of 64.
            rate: factor of the learning rate.

        Returns:
            The multi-scale end-point error of each part, px.

        Raises:
            Diverged: no finite gradients in many steps.
        """
        errors = self.errors(pairs)
        self.optimiser.zero_grad(set_to_none=True)
        loss = torch.stack([self.parts[part] * error for part, error in errors.items()]).sum()
        (loss * self.scale.value).backward()
        self.scale.over([p.grad for p in self.network.parameters()])
        size = nn.utils.clip_grad_norm_(self.network.parameters(), self.largest_gradient)
        well = bool(torch.isfinite(size))
        if well:
            for group in self.optimiser.param_groups:
                group["lr"] = rate * group.setdefault("initial_lr", group["lr"])
            self.optimiser.step()
        self.skipped.note(self.scale.note(well) or well)
        return {part: float(error.detach()) * unit(self.network) for part, error in errors.items()}

    def errors(self, pairs: Pairs) -> dict[str, Tensor]:
        """The multi-scale end-point error of each part, in the network's unit."""
        frames = [f.contiguous(memory_format=torch.channels_last) for f in (pairs.first, pairs.second)]
        with self.precision.computing(pairs.first.device):
            pyramid = predict_pyramid(self.network, *frames)
        pyramid = [flow.float() for flow in pyramid]
        return {
            part: multiscale_end_point_error(pyramid, known.flow, unit(self.network), known.mask, self.scales)
            for part, known in pairs.known.items()
        }

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Everything that steps change, in named groups."""
        groups = {"network": self.network.state_dict(), "optimiser": optimiser_state(self.optimiser)}
        return groups | ({"scale": self.scale.state()} if self.scale.active else {})

    def load(self, groups: dict[str, dict[str, Tensor]]) -> None:
        """Go on from a state."""
        self.network.load_state_dict(groups["network"])
        load_optimiser(self.optimiser, groups.get("optimiser", {}))
        if self.scale.active:
            self.scale.load(groups["scale"])
