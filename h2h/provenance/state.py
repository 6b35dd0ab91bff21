"""Where Snakemake and we keep notes, and how they are read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

STATE = Path(".snakemake")
METADATA = STATE / "metadata"
_BLOCK = 1 << 16  # bytes


def read_json(path: str | Path) -> dict[str, Any]:
    """The mapping in a JSON file; a missing, half-written or damaged one is empty."""
    try:
        with open(path, "rb") as stream:
            found = json.loads(stream.read())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def digest_of(path: Path) -> str | None:
    """SHA-256 of a file's contents; None if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            digest = hashlib.sha256(start := stream.read(_BLOCK))
            while start:  # not file_digest, which takes longer to begin than a card to be read
                digest.update(start := stream.read(_BLOCK))
            return digest.hexdigest()
    except OSError:
        return None
