"""One training clip: generate it chunk by chunk, an optimiser step for each chunk."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from h2h.config.learning import Losses
from h2h.errors import UserError
from h2h.losses.identity_matching import identity_matching
from h2h.losses.perceptual import PerceptualLoss
from h2h.models.sequence import History
from h2h.training import distributed
from h2h.training.clips import Batch
from h2h.training.networks import Networks
from h2h.training.objective import Chunk, Terms, objective
from h2h.training.precision import Precision

log = logging.getLogger("h2h")
BETAS = (0.5, 0.999)
SLOWER = "lower lr_generator and lr_discriminator, or set compute.precision to fp32"
PATIENCE = 20  # steps in a row without a finite gradient before the training gives up


class Diverged(UserError):
    """A training that does not come back."""


@dataclass
class Optimisers:
    """Adam for the generator, for all discriminators together, and for the embedder."""

    generator: torch.optim.Adam
    discriminators: torch.optim.Adam
    embedder: torch.optim.Adam | None

    @staticmethod
    def of(networks: Networks, lr_generator: float, lr_discriminator: float) -> Optimisers:
        """Fresh optimisers for networks that are already on their device."""
        judges = [p for net in networks.discriminators() for p in net.parameters()]
        embedder = networks.embedder
        return Optimisers(
            torch.optim.Adam(networks.generator.parameters(), lr_generator, BETAS, fused=True),
            torch.optim.Adam(judges, lr_discriminator, BETAS, fused=True),
            None if embedder is None else torch.optim.Adam(embedder.parameters(), lr_generator, BETAS, fused=True),
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


@dataclass
class Trainer:
    """What a training step needs besides its data."""

    networks: Networks
    optimisers: Optimisers
    losses: Losses
    perceptual: PerceptualLoss | None
    precision: Precision
    chunk_frames: int
    skipped: int = field(default=0)

    def clip(
        self, batch: Batch, pictures: Tensor | None, seed: int, rates: list[float], adversarial: bool = True
    ) -> dict[str, float]:
        """Train on a batch of clips.

        Args:
            batch: the clips, on the networks' device.
            pictures: (B, M, 3, S, S), what the embedder sees of each person; None without embedder.
            seed: for the draws of frames and windows.
            rates: factor of the learning rates for each chunk of the clip.
            adversarial: False while the generator still learns without discriminators. The embedder then sees the
                matching loss only: it learns to tell the people apart, or they would all look like their mean.

        Returns:
            Mean of every loss over the clip's chunks.
        """
        draw = torch.Generator().manual_seed(seed)
        h = None if pictures is None else self._embed(pictures)
        to_h = None if h is None or adversarial else torch.zeros_like(h)
        # The embedder steps once a clip. Its adversarial gradient needs a backward pass of its own through the
        # generator, so it is taken from one chunk at random: right on average, at a fraction of the cost.
        chosen = int(torch.randint(len(rates), (1,), generator=draw)) if adversarial else -1
        generator = self.networks.generator
        history, before = History(generator.condition_frames, generator.history_frames), batch.frames[:, :0]
        values: list[dict[str, Tensor]] = []
        length = batch.frames.shape[1]
        for number, rate in enumerate(rates):
            self.optimisers.scale_rates(rate)
            first = number * self.chunk_frames
            now = slice(first, min(first + self.chunk_frames, length))
            leaf = None if h is None else h.detach().requires_grad_(number == chosen)
            frames, masks = self._generate(batch.conditions[:, now], history, leaf)
            chunk = Chunk(first, frames.detach().requires_grad_(), masks.detach().requires_grad_(), before)
            with self._autocast():
                terms = objective(self.networks, batch, chunk, self.losses, self.perceptual, draw, adversarial)
            learns = leaf is not None and leaf.requires_grad
            gradient = self._backward(terms, chunk, (frames, masks), leaf if learns else None)
            to_h = gradient if learns else to_h
            before = torch.cat((before, chunk.frames.detach()), 1)
            values.append(terms.values)
        if h is not None and to_h is not None:
            values.append(self._embedder_step(h, to_h, batch.person))
        return _means(values)

    def _autocast(self) -> torch.autocast:
        device = next(self.networks.generator.parameters()).device.type
        return torch.autocast(device, dtype=torch.bfloat16, enabled=self.precision.autocast is not None)

    def _embed(self, pictures: Tensor) -> Tensor:
        """FS eq. 4, once a clip: the feature is kept fixed for the whole sequence."""
        assert self.networks.embedder is not None
        with self._autocast():
            return self.networks.embedder.mean(pictures)

    def _generate(self, conditions: Tensor, history: History, h: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, C, channels, S, S) -> frames (B, C, 3, S, S) and masks (B, C, 1, S, S)."""
        frames, masks = [], []
        with self._autocast():
            for t in range(conditions.shape[1]):
                frame, mask = self.networks.generator(*history.inputs(conditions[:, t]), h)
                history.push(frame)
                frames.append(frame)
                masks.append(mask)
        return torch.stack(frames, 1), torch.stack(masks, 1)

    def _backward(
        self, terms: Terms, chunk: Chunk, outputs: tuple[Tensor, Tensor], leaf: Tensor | None
    ) -> Tensor | None:
        """Gradients and a step of the generator and the discriminators; the adversarial gradient of h."""
        frames, masks = chunk.frames, chunk.masks
        generator, judges = (_parameters(o) for o in (self.optimisers.generator, self.optimisers.discriminators))
        of_judges: Sequence[Tensor | None] = [None] * len(judges)
        if terms.discriminators.requires_grad:
            of_judges = torch.autograd.grad(terms.discriminators, judges, retain_graph=True, allow_unused=True)
        to_h = None
        if leaf is None:
            to_frames, to_masks = _gradients(terms.adversarial + terms.other, (frames, masks))
        else:
            (adversarial,) = torch.autograd.grad(terms.adversarial, frames, retain_graph=True)
            others, to_masks = _gradients(terms.other, (frames, masks))
            # What the embedder learns from: the adversarial gradient alone, through the generator to h.
            (to_h,) = torch.autograd.grad(outputs[0], leaf, adversarial, retain_graph=True)
            to_frames = adversarial + others
        of_generator = torch.autograd.grad(outputs, generator, (to_frames, to_masks))
        checked = [s.detach() for s in (terms.adversarial, terms.other, terms.discriminators)]
        checked += [] if to_h is None else [to_h.sum()]
        means = distributed.average([*of_generator, *of_judges, *checked])
        finite = _finite(means)  # in all processes or in none
        if finite:
            _step(self.optimisers.generator, means[: len(generator)])
            _step(self.optimisers.discriminators, means[len(generator) : len(generator) + len(judges)])
        self._watch(finite)
        return to_h if finite else None

    def _embedder_step(self, h: Tensor, to_h: Tensor, person: Tensor) -> dict[str, Tensor]:
        """A step of the embedder on L_adv, whose gradient is `to_h`, + lambda_mch L_mch."""
        optimiser = self.optimisers.embedder
        assert optimiser is not None
        matching = identity_matching(h, self.networks.image.rows[person])
        surrogate = (h * to_h).sum() + self.losses.identity_matching * matching
        gradients = torch.autograd.grad(surrogate, _parameters(optimiser), allow_unused=True)
        gradients = distributed.average(gradients)
        finite = _finite(gradients)
        if finite:
            _step(optimiser, gradients)
        self._watch(finite)
        return {"identity_matching": matching.detach()}

    def _watch(self, finite: bool) -> None:
        self.skipped = 0 if finite else self.skipped + 1
        if self.skipped:
            log.warning("a step without finite gradients was left out (%d in a row)", self.skipped)
        if self.skipped >= PATIENCE:
            raise Diverged(f"the training diverged: {PATIENCE} steps in a row without finite gradients", SLOWER)


def _parameters(optimiser: torch.optim.Adam) -> list[Tensor]:
    return [p for group in optimiser.param_groups for p in group["params"]]


def _finite(tensors: Sequence[Tensor | None]) -> bool:
    return bool(torch.isfinite(nn.utils.get_total_norm([t for t in tensors if t is not None])))


def _step(optimiser: torch.optim.Adam, gradients: Sequence[Tensor | None]) -> None:
    for parameter, gradient in zip(_parameters(optimiser), gradients, strict=True):
        parameter.grad = gradient
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def _gradients(loss: Tensor, leaves: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Gradients of a loss for leaves that it may not depend on (then zeros)."""
    if not loss.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(loss, leaves, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]


def _means(values: list[dict[str, Tensor]]) -> dict[str, float]:
    names = sorted({name for chunk in values for name in chunk})
    return {n: float(torch.stack([chunk[n] for chunk in values if n in chunk]).mean()) for n in names}
