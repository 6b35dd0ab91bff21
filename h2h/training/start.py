"""How each stage's training starts: the embedder's first mean feature, and the few-shot start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from h2h.config.learning import Network
from h2h.models.embedder import Embedder
from h2h.training.clips import Person
from h2h.training.networks import Networks, build_networks
from h2h.training.restore import load_released_x2face

PICTURES_AT_ONCE = 8


@torch.no_grad()
def mean_feature(embedder: Embedder, pictures: Iterable[Tensor]) -> Tensor:
    """FS eq. 9: the mean of the features of all pictures (each (n, 3, S, S) in [-1, 1]) -> (n_f,)."""
    embedder.eval()
    features = torch.cat([embedder(some) for some in pictures])
    return features.mean(0)


def person_feature(embedder: Embedder, person: Person, indices: Sequence[int]) -> Tensor:
    """The mean feature of the frames `indices` of a person's cache (n_f,)."""
    device = next(embedder.parameters()).device
    parts = [indices[i : i + PICTURES_AT_ONCE] for i in range(0, len(indices), PICTURES_AT_ONCE)]
    return mean_feature(embedder, (person.pictures(part).to(device) for part in parts))


def start_generator(networks: Networks, people: Sequence[Person], seed: int, frames: int = 8) -> None:
    """Data-dependent start of the AdaIN layers (see `AdaptiveInstanceNorm.start_from`), in place.

    Args:
        networks: with an embedder.
        people: the initialisation set.
        seed: which frames.
        frames: how many of each person.
    """
    assert networks.embedder is not None
    rng = np.random.default_rng([seed, 0])
    means = [person_feature(networks.embedder, p, rng.integers(p.first, p.last, frames).tolist()) for p in people]
    networks.generator.start_from(torch.stack(means).mean(0))


def fresh_networks(
    network: Network, size: int, people: Sequence[Person], method: str, seed: int
) -> tuple[Networks, dict[str, Any]]:
    """Networks that have seen none of the people, and their description for the checkpoint.

    X2Face may have the weights that its authors released; nobody is trained on then.

    Args:
        network: the parameters.
        size: side of the pictures, px.
        people: whom they will be trained on.
        method: see `build_networks`.
        seed: of the pictures for the start of the AdaIN layers; the weights come from torch's own.
    """
    networks = build_networks(network, size, len(people), method)
    if networks.embedder is not None:
        start_generator(networks, people, seed)
    released = method == "x2face" and network.x2face == "released"
    if released:
        load_released_x2face(Path(network.x2face_weights), networks.generator)
    return networks, {
        "method": method,
        "people": [] if released else [p.name for p in people],
        "size": size,
        "network": network.model_dump(),
        "embedding": None if networks.embedder is None else network.embedding,
        "pretrained_embedder": networks.embedder is not None and networks.embedder.pretrained,
    }
