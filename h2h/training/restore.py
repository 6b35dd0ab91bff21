"""Networks from checkpoint files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config.learning import Network
from h2h.errors import UserError
from h2h.io.checkpoint import load_checkpoint
from h2h.models.generator import Generator
from h2h.training.networks import Networks, build_generator, build_networks

# What decides the shapes of the saved tensors; the rest of the section may change afterwards.
_SHAPES = (
    "filters",
    "halvings",
    "patch",
    "encoder_blocks",
    "decoder_blocks",
    "condition_frames",
    "history_frames",
    "discriminator_filters",
    "discriminator_layers",
    "discriminator_scales",
    "embedder",
    "embedding",
    "gaze",
    "landmarks",
    "mouth_conditioned",
    "mouth_discriminator",
    "dynamics_discriminator",
    "dynamics_frames",
    "dynamics_scales",
)


def load_networks(path: Path, network: Network, size: int, method: str) -> tuple[Networks, dict[str, Any]]:
    """The networks of a multi-person checkpoint, and its description.

    Raises:
        UserError: the checkpoint is of another method, size or architecture.
    """
    state, description = load_checkpoint(path)
    _check(path, description, network, size, method)
    pretrained = description["pretrained_embedder"]
    networks = build_networks(network, size, len(description["people"]), method, pretrained)
    networks.load(state)
    return networks, description


def load_generator(path: Path, network: Network, size: int, method: str) -> tuple[Generator, dict[str, Any]]:
    """The generator of a fine-tuned checkpoint, ready for synthesis, and the checkpoint's description.

    Raises:
        UserError: as for `load_networks`, or the network needs an identity feature (`load_networks` brings the
            embedder too).
    """
    state, description = load_checkpoint(path)
    _check(path, description, network, size, method)
    if description["embedding"] is not None:
        raise UserError(f"{path} is a multi-person network", "fine-tune it on the person first")
    generator = build_generator(network, None)
    generator.load_state_dict(state["generator"])
    return generator.eval(), description


def _check(path: Path, description: dict[str, Any], network: Network, size: int, method: str) -> None:
    now = network.model_dump()
    wrong = [key for key in _SHAPES if description["network"].get(key) != now[key]]
    if wrong or description["size"] != size or description["method"] != method:
        what = ", ".join(f"network.{key}" for key in wrong) or "image.size or the method"
        raise UserError(f"{path} was trained with another {what}", "run the initialisation and fine-tuning again")
