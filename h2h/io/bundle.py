"""Initialisation bundles on disk: an uncompressed zip of a JSON description and safetensors. Nothing is unpickled.

The archive is read as hostile input: it must have exactly the two members, stored as they are, so that nothing can
grow or land anywhere else when it is read; their names are compared and never used as paths.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from h2h.errors import UserError
from h2h.io.atomic import replacing

CARD, NETWORKS = "card.json", "networks.safetensors"
LONGEST_CARD = 5_000_000  # bytes
BLOCK = 1 << 20
_REMEDY = "ask for it again, or for one made by this version of h2h"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same contents give the same bytes


def write_bundle(path: Path, card: dict[str, Any], networks: Path) -> None:
    """Write a bundle, atomically.

    Args:
        path: the file.
        card: the description, JSON-able.
        networks: a safetensors file.
    """
    text = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(CARD, _EPOCH), text)
        member = zipfile.ZipInfo(NETWORKS, _EPOCH)
        member.file_size = networks.stat().st_size
        with archive.open(member, "w") as target, open(networks, "rb") as source:
            while block := source.read(BLOCK):
                target.write(block)


def read_card_of(path: Path) -> Any:
    """The description in a bundle, as plain data; the caller checks it.

    Raises:
        UserError: the file is missing, no bundle, or its description no JSON.
    """
    with _opened(path) as archive:
        text = _read(path, lambda: archive.read(CARD))
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: {CARD} is no description: {error}", _REMEDY) from error


def extract_networks(path: Path, target: Path) -> str:
    """Copy a bundle's networks into the file `target`; returns their SHA-256.

    Raises:
        UserError: as for `read_card_of`, or the contents are damaged.
    """
    digest = hashlib.sha256()

    def copy() -> None:
        with archive.open(NETWORKS) as source, open(target, "wb") as file:
            while block := source.read(BLOCK):
                digest.update(block)
                file.write(block)

    with _opened(path) as archive:
        _read(path, copy)
    return digest.hexdigest()


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing", "ask for it, and import it with `h2h import`") from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError(f"{path} is no initialisation bundle: {error}", _REMEDY) from error
    try:
        _check(path, archive.infolist())
    except UserError:
        archive.close()
        raise
    return archive


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    names = sorted(member.filename for member in members)
    if names != sorted((CARD, NETWORKS)):
        raise UserError(f"{path} holds {str(names)[:200]}; a bundle holds {CARD} and {NETWORKS}", _REMEDY)
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise UserError(f"{path}: {member.filename} is compressed, which no bundle is", _REMEDY)
        if member.flag_bits & 0x1:
            raise UserError(f"{path}: {member.filename} is encrypted, which no bundle is", _REMEDY)
        if member.filename == CARD and member.file_size > LONGEST_CARD:
            raise UserError(f"{path}: {CARD} has {member.file_size} bytes, too many for a description", _REMEDY)
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise UserError(f"{path} promises more than it holds", _REMEDY)


def _read(path: Path, action: Any) -> Any:
    try:
        return action()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError(f"{path} is damaged: {error}", _REMEDY) from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
