"""Networks from checkpoint files: our own, and the one that X2Face's authors released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config.learning import Network
from h2h.errors import MissingAsset, UserError
from h2h.io.checkpoint import load_checkpoint
from h2h.io.torch_weights import load_weights, read_torch_weights
from h2h.models.generator import Generator
from h2h.models.x2face import RELEASE_FILTERS, RELEASE_SIZE, X2Face
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
    "mouth_scales",
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


def load_released_x2face(path: Path, network: X2Face) -> None:
    """Load the authors' weights (`x2face_model_forpython3.pth`) strictly; only tensors are unpickled.

    Args:
        path: the authors' file, or one that their training wrote.
        network: of the release's size; changed in place.

    Raises:
        MissingAsset: the file is not there.
        UserError: it is another file, or cannot be read, or the network has another size.
    """
    train = "set network.x2face to trained"
    if not path.is_file():
        raise MissingAsset(path.name, "X2Face's project page", str(path), "network.x2face: trained")
    size, filters = len(network.places), network.filters
    if (size, filters) != (RELEASE_SIZE, RELEASE_FILTERS):
        raise UserError(
            f"X2Face's released weights are for image.size {RELEASE_SIZE} and network.filters {RELEASE_FILTERS}, which "
            f"are {size} and {filters}",
            f"take the profile paper, or {train}",
        )
    load_weights(network, read_torch_weights(path), path, "the released X2Face", f"get them again, or {train}")


def _check(path: Path, description: dict[str, Any], network: Network, size: int, method: str) -> None:
    now = network.model_dump()
    wrong = [key for key in _SHAPES if description["network"].get(key) != now[key]]
    if wrong or description["size"] != size or description["method"] != method:
        what = ", ".join(f"network.{key}" for key in wrong) or "image.size or the method"
        raise UserError(f"{path} was trained with another {what}", "run the initialisation and fine-tuning again")
