"""How many clips a training has, how long they are, and how its rates fall."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Clips, steps and learning rates.

    Attributes:
        phases: (clips, frames of each) one after the other. Clips that grow teach the generator first to draw, then to
            live with what it has drawn (Head2Head's release: from 12 to 48 frames).
        chunk_frames: frames of an optimiser step; the last one of a clip may have fewer.
        decay_fraction: last part of the steps, over which the rates fall linearly to zero.
        warmup_fraction: first part of the clips, before the discriminators start.
    """

    phases: tuple[tuple[int, int], ...]
    chunk_frames: int
    decay_fraction: float
    warmup_fraction: float = 0.0

    @staticmethod
    def of(
        train_frames: int,
        epochs: float,
        batch: int,
        lengths: list[int],
        chunk_frames: int,
        decay_fraction: float,
        warmup_fraction: float = 0.0,
    ) -> Schedule:
        """So many clips that `epochs` times `train_frames` frames are seen, as many of them in clips of each length."""
        frames = epochs * train_frames / len(lengths)
        phases = tuple((max(round(frames / (batch * length)), 1), length) for length in lengths)
        return Schedule(phases, chunk_frames, decay_fraction, warmup_fraction)

    @property
    def clips(self) -> int:
        """Batches of clips."""
        return sum(clips for clips, _ in self.phases)

    @property
    def steps(self) -> int:
        """Optimiser steps of all clips."""
        return self._steps_before(self.clips)

    def frames(self, clip: int) -> int:
        """Length of clip number `clip`."""
        for clips, length in self.phases:
            if clip < clips:
                return length
            clip -= clips
        raise IndexError(clip)

    def adversarial(self, clip: int) -> bool:
        """Whether the discriminators take part in clip number `clip`."""
        return clip >= round(self.warmup_fraction * self.clips)

    def rates(self, clip: int) -> list[float]:
        """Factors of the first rates for the steps of clip number `clip`."""
        steps, first, end = self.steps, self._steps_before(clip), self._steps_before(clip + 1)
        decay = self.decay_fraction * steps
        return [min(1.0, (steps - s) / decay) if decay else 1.0 for s in range(first, end)]

    def _steps_before(self, clip: int) -> int:
        total = 0
        for clips, length in self.phases:
            total += min(clip, clips) * -(-length // self.chunk_frames)
            clip -= min(clip, clips)
        return total


def growing(first: int, last: int, longest: int) -> list[int]:
    """Lengths of clips that double from `first` up to `last` frames, as far as there is a run of `longest` frames."""
    lengths, limit = [min(first, longest)], min(last, longest)
    while lengths[-1] < limit:
        lengths.append(min(2 * lengths[-1], limit))
    return lengths
