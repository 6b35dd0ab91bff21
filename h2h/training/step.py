"""One training clip: generate it chunk by chunk, an optimiser step for each chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from h2h.config.learning import Losses
from h2h.errors import UserError
from h2h.losses.identity_matching import identity_matching
from h2h.losses.perceptual import PerceptualLoss
from h2h.models.generator import Generator
from h2h.models.sequence import History
from h2h.models.x2face import X2Face
from h2h.training import distributed
from h2h.training.clips import Batch
from h2h.training.divergence import Skipped
from h2h.training.gradients import Gradients, gradients_or_zeros
from h2h.training.loss_scale import LossScale
from h2h.training.networks import Networks
from h2h.training.objective import Chunk, Terms, objective
from h2h.training.optimisers import Optimisers, finite, parameters, step
from h2h.training.precision import Precision
from h2h.training.resume import load_optimiser, optimiser_state

SLOWER = "lower lr_generator and lr_discriminator, or set compute.precision to fp32"


@dataclass
class _Part:
    """Some clips of a batch, and how far they are generated.

    Attributes:
        rows: where in the batch.
        clips: the true ones.
        history: what the generator sees of the frames before.
        before: (b, t, 3, S, S), all frames generated so far.
    """

    rows: slice
    clips: Batch
    history: History
    before: Tensor


@dataclass
class Trainer:
    """What a training step needs besides its data.

    Attributes:
        chunk_frames: frames of a clip in an optimiser step.
        parts: of a batch, worked on one after the other: the same step in less memory.
        gradient_frames: frames in a row that a gradient flows back through, from the step's first on.
        average: of the generator's weights over the steps.
        skipped: counts the steps of generator and discriminators that were left out.
        embedder_skipped: the embedder's; a count of its own, as it may well step where they cannot.
        scale: of the losses in float16.
    """

    networks: Networks
    optimisers: Optimisers
    losses: Losses
    perceptual: PerceptualLoss | None
    precision: Precision
    chunk_frames: int
    parts: int = 1
    gradient_frames: int = 1
    average: AveragedModel | None = None
    skipped: Skipped = field(default_factory=lambda: Skipped(SLOWER))
    embedder_skipped: Skipped = field(default_factory=lambda: Skipped(SLOWER))
    scale: LossScale = field(init=False)

    def __post_init__(self) -> None:
        self.scale = LossScale(self.precision.autocast)

    @property
    def left_out(self) -> int:
        """Steps without finite gradients since the process began."""
        return self.skipped.total + self.embedder_skipped.total

    def generator(self) -> Generator | X2Face:
        """The generator as it would be kept now: the average, where there is one."""
        return self.networks.generator if self.average is None else self.average.module

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Everything that steps change, in named groups."""
        groups = {f"network.{name}": state for name, state in self.networks.state().items()}
        groups |= {f"optimiser.{name}": optimiser_state(o) for name, o in self.optimisers.items().items()}
        if self.scale.active:
            groups["scale"] = self.scale.state()
        return groups if self.average is None else groups | {"average": self.average.state_dict()}

    def load(self, groups: dict[str, dict[str, Tensor]]) -> None:
        """Go on from a state."""
        self.networks.load({k.removeprefix("network."): v for k, v in groups.items() if k.startswith("network.")})
        for name, optimiser in self.optimisers.items().items():
            load_optimiser(optimiser, groups.get(f"optimiser.{name}", {}))
        if self.scale.active:
            self.scale.load(groups["scale"])
        if self.average is not None:
            self.average.load_state_dict(groups["average"])

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
        parts = self._split(batch)
        values: list[dict[str, Tensor]] = []
        length = batch.frames.shape[1]
        for number, rate in enumerate(rates):
            self.optimisers.scale_rates(rate)
            first = number * self.chunk_frames
            now = slice(first, min(first + self.chunk_frames, length))
            learns, found = h is not None and number == chosen, None
            state = draw.get_state()
            for part in parts:
                draw.set_state(state)  # all parts of a batch are judged on the same draws
                leaf = None if h is None else h.detach()[part.rows].requires_grad_(learns)
                gradients = self._chunk(part, now, leaf, draw, adversarial)
                values.append(gradients.values)
                found = gradients if found is None else found.plus(gradients)
            gradient = self._step(found.over(len(parts)))
            to_h = gradient if learns else to_h
        if h is not None and to_h is not None:
            values.append(self._embedder_step(h, to_h, batch.person))
        return means_of(values)

    def _rows(self, count: int) -> list[slice]:
        """Where the equal parts of a batch of `count` clips are."""
        if count % self.parts:
            raise UserError(f"{count} clips cannot be split into {self.parts} equal parts", "change batch or parts")
        each = count // self.parts
        return [slice(first, first + each) for first in range(0, count, each)]

    def _split(self, batch: Batch) -> list[_Part]:
        """The batch in equal parts that are worked on one after the other."""
        generator, found = self.networks.generator, []
        for rows in self._rows(len(batch.frames)):
            clips = Batch(**{key: value[rows] for key, value in vars(batch).items()})
            history = History(generator.condition_frames, generator.history_frames)
            found.append(_Part(rows, clips, history, clips.frames[:, :0]))
        return found

    def _chunk(
        self, part: _Part, now: slice, leaf: Tensor | None, draw: torch.Generator, adversarial: bool
    ) -> Gradients:
        """Generate the frames `now` of a part of the batch; the gradients of all networks."""
        outputs = self._generate(part.clips.conditions[:, now], part.history, leaf)
        frames, masks = (x.detach().requires_grad_() for x in outputs)
        chunk = Chunk(now.start, frames, masks, part.before)
        with self._autocast():
            terms = objective(self.networks, part.clips, chunk, self.losses, self.perceptual, draw, adversarial)
        part.before = torch.cat((part.before, frames.detach()), 1)
        return self._backward(terms, chunk, outputs, leaf if leaf is not None and leaf.requires_grad else None)

    def _autocast(self) -> torch.autocast:
        return self.precision.computing(next(self.networks.generator.parameters()).device)

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
                if t % self.gradient_frames == 0:
                    history.cut()
                frame, mask = self.networks.generator(*history.inputs(conditions[:, t]), h)
                history.push(frame)
                frames.append(frame)
                masks.append(mask)
        return torch.stack(frames, 1), torch.stack(masks, 1)

    def _backward(self, terms: Terms, chunk: Chunk, outputs: tuple[Tensor, Tensor], leaf: Tensor | None) -> Gradients:
        """Gradients of the generator, of the discriminators, and the adversarial one of h."""
        frames, masks = chunk.frames, chunk.masks
        adversarial, other, verdicts = (
            self.scale.value * term for term in (terms.adversarial, terms.other, terms.discriminators)
        )
        generator, judges = (parameters(o) for o in (self.optimisers.generator, self.optimisers.discriminators))
        of_judges: Sequence[Tensor | None] = [None] * len(judges)
        if verdicts.requires_grad:
            of_judges = torch.autograd.grad(verdicts, judges, retain_graph=True, allow_unused=True)
        to_h = None
        if leaf is None:
            to_frames, to_masks = gradients_or_zeros(adversarial + other, (frames, masks))
        else:
            (of_verdicts,) = torch.autograd.grad(adversarial, frames, retain_graph=True)
            others, to_masks = gradients_or_zeros(other, (frames, masks))
            # What the embedder learns from: the adversarial gradient alone, through the generator to h.
            (to_h,) = torch.autograd.grad(outputs[0], leaf, of_verdicts, retain_graph=True)
            to_frames = of_verdicts + others
        of_generator = torch.autograd.grad(outputs, generator, (to_frames, to_masks))
        self.scale.over([*of_generator, *of_judges, to_h])
        sums = [s.detach() for s in (terms.adversarial, terms.other, terms.discriminators)]
        return Gradients(list(of_generator), list(of_judges), sums, to_h, terms.values)

    def _step(self, found: Gradients) -> Tensor | None:
        """Steps of the generator and the discriminators, if all is finite; the gradient of h then."""
        checked = found.sums + ([] if found.to_h is None else [found.to_h.sum()])
        means = distributed.average([*found.generator, *found.judges, *checked])
        well = finite(means)  # in all processes or in none
        if well:
            count = len(found.generator)
            step(self.optimisers.generator, means[:count])
            if found.judges:
                step(self.optimisers.discriminators, means[count : count + len(found.judges)])
            if self.average is not None:
                self.average.update_parameters(self.networks.generator)
        self.skipped.note(self.scale.note(well) or well)
        return found.to_h if well else None

    def _embedder_step(self, h: Tensor, to_h: Tensor, person: Tensor) -> dict[str, Tensor]:
        """A step of the embedder on L_adv, whose gradient is `to_h`, + lambda_mch L_mch."""
        optimiser = self.optimisers.embedder
        assert optimiser is not None
        matching = identity_matching(h, self.networks.image.rows[person])
        surrogate = (h * to_h).sum() + self.losses.identity_matching * matching
        gradients = torch.autograd.grad(self.scale.value * surrogate, parameters(optimiser), allow_unused=True)
        self.scale.over(gradients)
        gradients = distributed.average(gradients)
        well = finite(gradients)
        if well:
            step(optimiser, gradients)
        self.embedder_skipped.note(self.scale.note(well) or well)
        return {"identity_matching": matching.detach()}


def means_of(values: list[dict[str, Tensor]]) -> dict[str, float]:
    """Of losses by name, each over the chunks that have it."""
    names = sorted({name for chunk in values for name in chunk})
    return {n: float(torch.stack([chunk[n] for chunk in values if n in chunk]).mean()) for n in names}
