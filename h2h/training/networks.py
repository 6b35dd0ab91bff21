"""All networks of one model, from the `network` section of the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from h2h.config.learning import Network
from h2h.errors import UserError
from h2h.models.dynamics_discriminator import DynamicsDiscriminator
from h2h.models.embedder import Embedder
from h2h.models.generator import Generator
from h2h.models.image_discriminator import ImageDiscriminator
from h2h.models.mouth_discriminator import MouthDiscriminator
from h2h.models.x2face import X2Face, fits


@dataclass
class Networks:
    """The generator and what trains it.

    Attributes:
        generator: G, or X2Face, which has no discriminators.
        image: D_I.
        dynamics: D_V, None where it is left out.
        mouth: D_M, None for vid2vid and where it is left out.
        embedder: E_id, None once collapsed and for vid2vid.
    """

    generator: Generator | X2Face
    image: ImageDiscriminator | None
    dynamics: DynamicsDiscriminator | None
    mouth: MouthDiscriminator | None
    embedder: Embedder | None

    def items(self) -> dict[str, nn.Module]:
        """The networks that are there, by name."""
        return {name: net for name, net in vars(self).items() if net is not None}

    def discriminators(self) -> list[nn.Module]:
        """D_I, D_V and D_M, those that are there."""
        return [net for net in (self.image, self.dynamics, self.mouth) if net is not None]

    @property
    def see_people(self) -> bool:
        """Whether a training step needs other pictures of the people besides their clips."""
        return self.embedder is not None or isinstance(self.generator, X2Face)

    def to(self, device: torch.device, channels_last: bool) -> Networks:
        """Move all networks, in place."""
        for net in self.items().values():
            net.to(device)
            if channels_last:
                net.to(memory_format=torch.channels_last)
        return self

    def state(self) -> dict[str, dict[str, Tensor]]:
        """The state dict of every network."""
        return {name: net.state_dict() for name, net in self.items().items()}

    def load(self, state: dict[str, dict[str, Tensor]]) -> None:
        """Load what `state` gave; networks of which it says nothing keep their weights."""
        for name, net in self.items().items():
            if name in state:
                net.load_state_dict(state[name])

    def collapse(self, h: Tensor) -> None:
        """FS 3.4: AdaIN -> plain instance norm, W -> the row h, embedder dropped, for the feature `h` (n_f,)."""
        self.generator.collapse(h)
        self.image.collapse(h)
        self.embedder = None


def condition_channels(network: Network) -> int:
    """Channels of one frame's conditional input: NMFC, with or without the gaze image."""
    return 6 if network.gaze else 3


def build_generator(network: Network, embedding: int | None) -> Generator:
    """G with AdaIN (`embedding` = n_f) or with plain instance normalisation (None)."""
    return Generator(
        condition_channels(network),
        network.filters,
        network.halvings,
        network.encoder_blocks,
        network.decoder_blocks,
        embedding,
        network.condition_frames,
        network.history_frames,
        network.patch,
    )


def feature_length(network: Network, method: str) -> int | None:
    """n_f, or None for a network that knows no identities: a baseline, or Head2Head's."""
    return network.embedding if method == "ours" and network.embedder != "none" else None


def build_networks(
    network: Network, size: int, people: int, method: str = "ours", pretrained: bool | None = None
) -> Networks:
    """Networks with fresh weights for the multi-person initialisation.

    Args:
        network: the parameters.
        size: side of the pictures, px.
        people: N, rows of D_I's matrix W.
        method: "ours", without an embedder Head2Head's; "vid2vid" has neither embedder nor projection nor mouth
            discriminator; "x2face" is one network.
        pretrained: whether a checkpoint's embedder, which will be loaded, started from given weights; None for a new
            one, which starts from them when they are there.

    Raises:
        UserError: X2Face cannot work with pictures of that size.
    """
    if method == "x2face":
        if not fits(size):
            raise UserError(
                f"X2Face halves its pictures to one pixel, which {size} x {size} ones cannot be",
                "set image.size to 32, 64, 128 or 256, or take the experiment out of the tables",
            )
        return Networks(X2Face(size, network.filters), None, None, None, None)
    channels = condition_channels(network)
    embedding = feature_length(network, method)
    filters, layers = network.discriminator_filters, network.discriminator_layers
    embedder = None
    if embedding is not None:
        weights = Path(network.embedder_weights)
        new = pretrained is None and network.embedder == "inception_resnet_v1"
        given = weights if new and weights.exists() else None
        embedder = Embedder(network.embedder, embedding, given, bool(pretrained))
    mouth = None
    if method == "ours" and network.mouth_discriminator:
        crop = max(round(network.mouth_crop * size), 8)
        mouth = MouthDiscriminator(
            channels if network.mouth_conditioned else 0, filters, layers, crop, network.mouth_scales
        )
    dynamics = None
    if network.dynamics_discriminator:
        dynamics = DynamicsDiscriminator(
            network.dynamics_frames,
            network.dynamics_scales,
            network.dynamics_factor,
            filters,
            layers,
            network.discriminator_scales,
            network.dynamics_foreground,
        )
    return Networks(
        generator=build_generator(network, embedding),
        image=ImageDiscriminator(channels, filters, layers, network.discriminator_scales, embedding, people),
        dynamics=dynamics,
        mouth=mouth,
        embedder=embedder,
    )
