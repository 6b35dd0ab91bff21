"""Cards: the small JSON file beside every artifact, written last, that says what the artifact is.

Snakemake triggers on cards (it compares the checksums of small files only), so a card holds nothing
that changes from run to run when the artifact does not: no times, no host names.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from h2h.io.atomic import write_json


def card_path(artifact: Path) -> Path:
    """The card of an artifact: the same name with `.json`."""
    return Path(artifact).with_suffix(".json")


def sha256(path: Path) -> str:
    """The hex SHA-256 of a file, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_card(artifact: Path, stage: str, name: str, summary: dict[str, Any]) -> None:
    """Write the card of a finished artifact. `summary` is what people and later stages want to know of it."""
    write_json(
        card_path(artifact),
        {"stage": stage, "name": name, "status": "done", "sha256": sha256(artifact), "summary": summary},
    )


def write_rejection(artifact: Path, stage: str, name: str, reason: str, remedy: str, at: str | None = None) -> None:
    """Record that `name` cannot be used: an empty artifact and a card with the reason.

    `at` is the stage that found it (a later stage passes the rejection on unchanged).
    """
    artifact = Path(artifact)
    artifact.parent.mkdir(parents=True, exist_ok=True)
    artifact.write_bytes(b"")
    write_json(
        card_path(artifact),
        {
            "stage": stage,
            "name": name,
            "status": "rejected",
            "at": at or stage,
            "reason": reason,
            "remedy": remedy,
        },
    )


def read_card(artifact: Path) -> dict[str, Any]:
    """Read the card of an artifact (or the card itself, if its own path is given)."""
    return json.loads(card_path(artifact).read_text(encoding="utf-8"))


def is_rejected(artifact: Path) -> bool:
    """Whether the artifact's card says that its person was rejected."""
    card = card_path(artifact)
    return card.exists() and read_card(artifact)["status"] == "rejected"
