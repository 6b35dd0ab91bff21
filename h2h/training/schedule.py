"""How many clips a training has, and how its rates fall."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Clips, steps and learning rates.

    Attributes:
        clips: batches of clips.
        chunks: optimiser steps for each.
        decay_fraction: last part of the steps, over which the rates fall linearly to zero.
        warmup_fraction: first part of the clips, before the discriminators start.
    """

    clips: int
    chunks: int
    decay_fraction: float
    warmup_fraction: float = 0.0

    @staticmethod
    def of(
        train_frames: int,
        epochs: float,
        batch: int,
        clip_frames: int,
        chunk_frames: int,
        decay_fraction: float,
        warmup_fraction: float = 0.0,
    ) -> Schedule:
        """So many clips that `epochs` times `train_frames` frames are seen (at least one clip)."""
        clips = max(round(epochs * train_frames / (batch * clip_frames)), 1)
        return Schedule(clips, -(-clip_frames // chunk_frames), decay_fraction, warmup_fraction)

    def adversarial(self, clip: int) -> bool:
        """Whether the discriminators take part in clip number `clip`."""
        return clip >= round(self.warmup_fraction * self.clips)

    def rates(self, clip: int) -> list[float]:
        """Factors of the first rates for the chunks of clip number `clip`."""
        steps = self.clips * self.chunks
        decay = self.decay_fraction * steps
        first = clip * self.chunks
        return [min(1.0, (steps - s) / decay) if decay else 1.0 for s in range(first, first + self.chunks)]
