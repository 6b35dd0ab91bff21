"""A training clip of X2Face: its frames are reconstructed from other frames of the same person.

This is the release's training (stage I of the paper, the photometric loss). The paper's second stage, in which a
face-recognition network judges frames driven by other people, is left out: the authors released neither that network
nor the code.
"""

from __future__ import annotations

import torch
from torch import Tensor

from h2h.losses.pixel import pixel_loss
from h2h.training.clips import Batch
from h2h.training.gradients import Gradients
from h2h.training.optimisers import parameters
from h2h.training.step import Trainer, means_of


class X2FaceTrainer(Trainer):
    """As `Trainer`, with X2Face as the generator, and without discriminators.

    Batch norms see the clips that are worked on together: of parts of a batch, and of processes that share one, the
    gradients are only about those of the whole batch.
    """

    def clip(
        self, batch: Batch, pictures: Tensor | None, seed: int, rates: list[float], adversarial: bool = True
    ) -> dict[str, float]:
        """Train on a batch of clips, the driving frames.

        Args:
            batch: as in `Trainer.clip`; X2Face reads its frames alone.
            pictures: (B, M, 3, S, S), the source frames of each person.
            seed: unused, nothing is drawn.
            rates: factor of the learning rate for each chunk of the clip.
            adversarial: unused, there are no discriminators.

        Returns:
            The mean of the loss, `pixel`, over the clip's chunks.
        """
        assert pictures is not None
        values: list[dict[str, Tensor]] = []
        for driving, rate in zip(batch.frames.split(self.chunk_frames, dim=1), rates, strict=True):
            self.optimisers.scale_rates(rate)
            found = None
            for rows in self._rows(len(driving)):
                gradients = self._reconstruct(pictures[rows], driving[rows])
                values.append(gradients.values)
                found = gradients if found is None else found.plus(gradients)
            self._step(found.over(self.parts))
        return means_of(values)

    def _reconstruct(self, sources: Tensor, driving: Tensor) -> Gradients:
        """The gradients of the photometric loss: (b, M, 3, S, S) source and (b, C, 3, S, S) driving frames."""
        with self._autocast():
            made = self.networks.generator(sources, driving)
        loss = pixel_loss(made, driving)
        gradients = torch.autograd.grad(self.scale.value * loss, parameters(self.optimisers.generator))
        self.scale.over(gradients)
        value = loss.detach()
        return Gradients(list(gradients), [], [value.clone()], None, {"pixel": value})
