"""The multi-person network of an imported bundle, in place of a training; see the stage pretrain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.bundles.card import Card
from h2h.bundles.fit import differences, head_model_differences
from h2h.bundles.mark import head_model_mark
from h2h.bundles.tensors import State, check_state
from h2h.config import Sections, validate
from h2h.errors import UserError
from h2h.io.bundle import NETWORKS, extract_networks, read_card_of
from h2h.io.cards import sha256
from h2h.io.checkpoint import load_checkpoint, save_checkpoint
from h2h.tracking.head_model import load_head_model
from h2h.training.networks import feature_length

DIGITS = 12  # of a bundle's SHA-256, at the end of its name in models/: another content has another name


def read_bundle_card(path: Path) -> Card:
    """A bundle's description.

    Raises:
        UserError: it is no bundle, or its description has an unknown key or a wrong value.
    """
    try:
        return validate(Card, read_card_of(path), str(path))
    except UserError as error:
        remedy = "it is damaged, or was made by another version of h2h: ask for one made by this version"
        raise UserError("".join(c for c in error.what if c.isprintable())[:1000], remedy) from error


def read_bundle(path: Path, scratch: Path) -> tuple[Card, State]:
    """A bundle's description and its networks, both checked.

    Args:
        path: the bundle.
        scratch: a file that does not exist, in a folder with room for the networks; it is removed.

    Raises:
        UserError: anything in it is not what its description says.
    """
    card = read_bundle_card(path)
    try:
        if extract_networks(path, scratch) != card.sha256[NETWORKS]:
            raise UserError(f"{path} is damaged: {NETWORKS} has another checksum", "ask for it again")
        state, _ = load_checkpoint(scratch)
        check_state(state, card, str(path))
    finally:
        scratch.unlink(missing_ok=True)
    return card, state


def run_imported(output: Path, cfg: Sections, method: str, head_model: Path) -> dict[str, Any]:
    """Check that the imported bundle is what these parameters ask for, and write its network as the artifact.

    Raises:
        UserError: the bundle is missing, damaged, or of another network or head model; the message says what differs.
    """
    path = Path(cfg.pretrain.imported)
    if path.exists() and not path.stem.endswith(sha256(path)[:DIGITS]):
        raise UserError(f"{path} is not what `h2h import` put there", "import the bundle again")
    card, state = read_bundle(path, output.with_name(f".{output.name}.bundle"))
    wrong = differences(card, method, cfg.network, cfg.losses, cfg.image, cfg.nmfc)
    wrong += head_model_differences(card.head_model, head_model_mark(load_head_model(head_model)))
    if wrong:
        raise UserError(
            f"{path} does not fit this experiment: {'; '.join(wrong)}",
            "change params.yaml to its values, or train here: give the experiment `changes: {pretrain.imported: null}`",
        )
    description = {
        "method": card.method,
        "people": card.people.names,
        "size": card.image.size,
        "network": cfg.network.model_dump(),
        "embedding": feature_length(card.network, card.method),
        "pretrained_embedder": card.pretrained_embedder,
        "imported": {"bundle": path.name, "people": card.people.count, "h2h": card.h2h},
    }
    save_checkpoint(output, state, description)
    return {**description, **card.training.model_dump()}
