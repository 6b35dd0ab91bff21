"""Initialisation bundles on disk: an archive of a JSON description and safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.io.archive import CARD, Kind, extract_member, read_description, write_archive

__all__ = ["CARD", "NETWORKS", "extract_networks", "read_card_of", "write_bundle"]

NETWORKS = "networks.safetensors"
KIND = Kind(
    "initialisation bundle",
    (NETWORKS,),
    "ask for it again, or for one made by this version of h2h",
    "ask for it, and import it with `h2h import`",
)


def write_bundle(path: Path, card: dict[str, Any], networks: Path) -> None:
    """Write a bundle, atomically.

    Args:
        path: the file.
        card: the description, JSON-able.
        networks: a safetensors file.
    """
    write_archive(path, KIND, card, {NETWORKS: networks})


def read_card_of(path: Path) -> Any:
    """The description in a bundle, as plain data; the caller checks it.

    Raises:
        UserError: the file is missing, no bundle, or its description no JSON.
    """
    return read_description(path, KIND)


def extract_networks(path: Path, target: Path) -> str:
    """Copy a bundle's networks into the file `target`; returns their SHA-256.

    Raises:
        UserError: as for `read_card_of`, or the contents are damaged.
    """
    return extract_member(path, KIND, NETWORKS, target)
