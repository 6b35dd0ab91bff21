"""The objectives of one chunk of frames: who is judged on what, and where each gradient goes.

LG   = L_adv + 10 L_vgg + 10 L_feat + 10 L_mask      (generator; on small pictures L_vgg once more, on close-ups)
LE   = L_adv + 10 L_mch                              (embedder)
LD_* = hinge or least squares                        (each discriminator)

The generated frames of a chunk are cut off the graph and become leaves. Each discriminator judges them once;
its own gradient, the adversarial gradient and the feature-matching gradient all come from that one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor

from h2h.config.learning import Losses
from h2h.losses.adversarial import discriminator_loss, generator_loss
from h2h.losses.close_up import REGIONS, close_up
from h2h.losses.feature_matching import feature_matching
from h2h.losses.mask import mask_loss
from h2h.losses.perceptual import PerceptualLoss
from h2h.losses.pixel import pixel_loss
from h2h.models.dynamics_discriminator import accumulate
from h2h.models.verdict import Verdict
from h2h.training.clips import Batch
from h2h.training.networks import Networks


@dataclass
class Terms:
    """Losses of one chunk, each a scalar with a graph, and their detached values for the log.

    Attributes:
        adversarial: L_adv, of the generator and the embedder.
        other: the generator's other terms, weighted.
        discriminators: the sum of all discriminators' losses.
        values: everything by name, unweighted.
    """

    adversarial: Tensor
    other: Tensor
    discriminators: Tensor
    values: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Frames [first, first + C) of a batch of clips, generated.

    Attributes:
        first: place in the clip.
        frames: (B, C, 3, S, S), a leaf that gathers gradients.
        masks: (B, C, 1, S, S), likewise.
        before: (B, first, 3, S, S), what was generated before in the clip, without gradient.
    """

    first: int
    frames: Tensor
    masks: Tensor
    before: Tensor


def objective(
    networks: Networks,
    batch: Batch,
    chunk: Chunk,
    losses: Losses,
    perceptual: PerceptualLoss | None,
    draw: torch.Generator,
    adversarial: bool = True,
) -> Terms:
    """All losses of a chunk.

    Args:
        networks: discriminators.
        batch: the true clips.
        chunk: the generated frames.
        losses: kinds and weights.
        perceptual: the network of L_vgg and of the close-ups; None if neither has a weight.
        draw: which frames the image and mouth discriminators see, and which windows the dynamics one.
        adversarial: False leaves the discriminators out.
    """
    now = slice(chunk.first, chunk.first + chunk.frames.shape[1])
    true = batch.frames[:, now]
    terms = _Sum(losses)
    if adversarial:
        _judge(terms, networks, batch, chunk, draw)
    if losses.mask:
        terms.add("mask", mask_loss(chunk.masks, batch.masks[:, now]), losses.mask)
    if losses.pixel:
        terms.add("pixel", pixel_loss(chunk.frames, true), losses.pixel)
    if perceptual is not None:
        generated, wanted = chunk.frames.flatten(0, 1), true.flatten(0, 1)
        if losses.perceptual:
            terms.add("perceptual", perceptual(generated, wanted), losses.perceptual)
        if losses.close_up:
            face = batch.faces[:, now].flatten(0, 1)
            for name, region in REGIONS.items():
                pair = (close_up(pictures, face, region) for pictures in (generated, wanted))
                terms.add(name, perceptual(*pair), losses.close_up)
    return terms.result(chunk.frames.new_zeros(()))


def _judge(terms: _Sum, networks: Networks, batch: Batch, chunk: Chunk, draw: torch.Generator) -> None:
    """The verdicts of D_I, and where there are, D_M and D_V at each temporal scale that the clip is long enough for."""
    size = chunk.frames.shape[1]
    t = int(torch.randint(size, (1,), generator=draw))  # FS 3.3: a uniformly sampled time step
    at = chunk.first + t
    condition, real, fake = batch.conditions[:, at], batch.frames[:, at], chunk.frames[:, t]
    terms.judge(
        "image",
        networks.image(condition, real, batch.person),
        networks.image(condition, fake, batch.person),
        match=True,
    )
    if networks.mouth is not None:
        mouth = batch.mouths[:, at]
        terms.judge("mouth", networks.mouth(condition, real, mouth), networks.mouth(condition, fake, mouth))
    dynamics = networks.dynamics
    for scale, stride in enumerate(dynamics.strides if dynamics is not None else ()):
        assert dynamics is not None
        window = _window(chunk, scale, stride, dynamics.span(scale), draw)
        if window is None:
            continue
        generated = torch.cat((chunk.before, chunk.frames), 1)[:, window]
        flows = _flows(batch.flows, window)
        if dynamics.foreground:  # as of frames on black, which stand still beyond the person (FS 3.3)
            flows = flows * batch.masks[:, window[:-1]]
        terms.judge(
            f"dynamics_{scale}",
            dynamics(batch.frames[:, window], flows, scale),
            dynamics(generated, flows, scale),
            match=True,
        )


class _Sum:
    """Adds up the terms."""

    def __init__(self, losses: Losses):
        self.losses = losses
        self.adversarial: list[Tensor] = []
        self.other: list[Tensor] = []
        self.discriminators: list[Tensor] = []
        self.values: dict[str, Tensor] = {}

    def judge(self, name: str, real: Verdict, fake: Verdict, match: bool = False) -> None:
        """Take one discriminator's verdicts into account, with feature matching where the papers have it."""
        kind = self.losses.adversarial
        self.discriminators.append(discriminator_loss(real.scores, fake.scores, kind))
        self.adversarial.append(generator_loss(fake.scores, kind))
        self.values[f"d_{name}"] = self.discriminators[-1].detach()
        self.values[f"g_{name}"] = self.adversarial[-1].detach()
        if match and self.losses.feature_matching:
            self.add(f"features_{name}", feature_matching(real, fake), self.losses.feature_matching)

    def add(self, name: str, loss: Tensor, weight: float) -> None:
        """Take a term of the generator into account that the embedder does not see."""
        self.other.append(weight * loss)
        self.values[name] = loss.detach()

    def result(self, zero: Tensor) -> Terms:
        """The sums, `zero` where there is no term."""
        return Terms(sum(self.adversarial, zero), sum(self.other, zero), sum(self.discriminators, zero), self.values)


def _window(chunk: Chunk, scale: int, stride: int, span: int, draw: torch.Generator) -> list[int] | None:
    """K frames of the clip, `stride` apart, whose last lies in the chunk; None while the clip is too short."""
    end = chunk.first + chunk.frames.shape[1]
    earliest = max(chunk.first, span - 1)
    if earliest >= end:
        return None
    last = int(torch.randint(earliest, end, (1,), generator=draw))
    return list(range(last - span + 1, last + 1, stride))


def _flows(flows: Tensor, window: list[int]) -> Tensor:
    """Flows between the frames of a window: (B, L - 1, 2, S, S) -> (B, K - 1, 2, S, S)."""
    return torch.stack([accumulate(flows[:, a:b]) for a, b in pairwise(window)], 1)
