"""Autoregressive generation: each frame is conditioned on those before it that were generated (papers: two)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from h2h.models.generator import CONDITION_FRAMES, HISTORY_FRAMES, Generator
from h2h.models.inference import Renderer


class History:
    """The last outputs of a batch of clips, and the conditional input of the last frames.

    Before the first frame the outputs are zeros (release) and the condition is the first frame's, repeated.

    Args:
        condition_frames: conditional inputs that the generator sees.
        history_frames: previous outputs that it sees.
    """

    def __init__(self, condition_frames: int = CONDITION_FRAMES, history_frames: int = HISTORY_FRAMES) -> None:
        self.condition_frames, self.history_frames = condition_frames, history_frames
        self._conditions: list[Tensor] = []
        self._frames: list[Tensor] = []

    def inputs(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """The generator's two inputs for the frame whose condition (B, C, H, W) in [-1, 1] is given."""
        if not self._conditions:
            self._conditions = [condition] * self.condition_frames
            zero = condition.new_zeros(condition.shape[0], 3, *condition.shape[2:])
            self._frames = [zero] * self.history_frames
        self._conditions = [*self._conditions[1:], condition]
        nothing = condition[:, :0]
        return torch.cat(self._conditions, 1), torch.cat(self._frames, 1) if self._frames else nothing

    def push(self, frame: Tensor) -> None:
        """Remember an output (B, 3, H, W), with its graph, if it has one."""
        if self._frames:
            self._frames = [*self._frames[1:], frame]

    def cut(self) -> None:
        """No gradient flows back through what was remembered so far."""
        self._frames = [frame.detach() for frame in self._frames]


@torch.inference_mode()
def generate(
    generator: Generator | Renderer, conditions: Iterable[Tensor], h: Tensor | None = None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Synthesise a video frame by frame from nothing but its conditional input.

    Args:
        generator: the network; a `Renderer` for another number format.
        conditions: (C, H, W) in [-1, 1], frame after frame; may be endless, read one at a time.
        h: (n_f,) identity feature, None for a collapsed or plain network.

    Yields:
        frame (3, H, W) in [-1, 1] and mask (1, H, W) in [0, 1] for every condition.
    """
    history = History(generator.condition_frames, generator.history_frames)
    for condition in conditions:
        x, previous = history.inputs(condition[None])
        frame, mask = generator(x, previous, None if h is None else h[None])
        history.push(frame)
        yield frame[0], mask[0]
