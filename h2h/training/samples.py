"""Pictures of how far a training is: a few fixed clips, generated and true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from h2h.models.generator import Generator
from h2h.models.sequence import generate
from h2h.models.x2face import X2Face
from h2h.training.clips import Person
from h2h.training.networks import Networks
from h2h.training.synthesis import to_pictures

PEOPLE, FRAMES = 4, 6


class Samples:
    """The middles of the first people's longest runs, or places in one person's.

    Args:
        people: the training set.
        embedding_frames: pictures that the embedder averages.
    """

    def __init__(self, people: Sequence[Person], embedding_frames: int = 1):
        shown = list(people[:PEOPLE]) if len(people) > 1 else [people[0]] * PEOPLE
        places = [0.5] * len(shown) if len(people) > 1 else np.linspace(0, 1, PEOPLE)
        self.clips = [_clip(person, place) for person, place in zip(shown, places, strict=True)]
        indices = [np.linspace(p.first, p.last - 1, max(embedding_frames, 1)).round().astype(int) for p in shown]
        self.pictures = torch.stack([p.pictures(i.tolist()) for p, i in zip(shown, indices, strict=True)])

    @torch.no_grad()
    def grid(self, networks: Networks, generator: Generator | X2Face) -> np.ndarray:
        """Condition, generated and true frame of every clip: rows of pictures (3 S, clips * S, 3) uint8.

        Args:
            networks: for the embedder, if there is one.
            generator: to draw with.
        """
        made = self._warped(generator) if isinstance(generator, X2Face) else self._generated(networks, generator)
        columns = []
        for (conditions, frame), (picture, mask) in zip(self.clips, made, strict=True):
            shown = [conditions[-1][:3], frame]
            condition, true = (((x + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy() for x in shown)
            columns.append(np.concatenate([condition, to_pictures(picture, mask)[0], true]))
        return np.concatenate(columns, axis=1)

    def _generated(self, networks: Networks, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """The last frame of every clip and its mask."""
        device = next(generator.parameters()).device
        features: list[Tensor | None] = [None] * len(self.clips)
        if networks.embedder is not None:
            networks.embedder.eval()
            features = list(networks.embedder.mean(self.pictures.to(device)))
            networks.embedder.train()
        for (conditions, _), h in zip(self.clips, features, strict=True):
            *_, last = generate(generator, (c.to(device) for c in conditions), h)
            yield last

    def _warped(self, network: X2Face) -> Iterator[tuple[Tensor, Tensor]]:
        """The last frame of every clip, from the person's other pictures; without masks, all is foreground."""
        driving = torch.stack([frame for _, frame in self.clips])[:, None]
        network.eval()
        made = network(*(x.to(network.places.device) for x in (self.pictures, driving)))
        network.train()
        for (picture,) in made:
            yield picture, torch.ones_like(picture[:1])


def _clip(person: Person, place: float) -> tuple[Tensor, Tensor]:
    """Conditions (L, C, S, S) of a clip, and the true last frame (3, S, S); `place` in the longest run, 0 to 1."""
    first, last = max(person.runs, key=lambda run: run[1] - run[0])
    length = min(FRAMES, last - first)
    clip = person.clip(first + round(place * (last - first - length)), length)
    return clip["conditions"], clip["frames"][-1]
