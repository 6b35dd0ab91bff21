"""Cards: the small JSON file beside every artifact, written last, that says what the artifact is.

Snakemake triggers on cards (it compares the checksums of small files only), so a card holds nothing
that changes from run to run when the artifact does not: no times, no host names. A training's card says the
number format and the number of processes, as its weights depend on them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from h2h.errors import UserError
from h2h.io.atomic import replacing, write_json
from h2h.io.machine import AGAIN


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
    with replacing(artifact) as temporary:  # in place it would empty the file in DVC's cache that it may be a link to
        temporary.write_bytes(b"")
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
    """Read the card of an artifact (or the card itself, if its own path is given).

    Raises:
        UserError: it is damaged.
    """
    path = card_path(artifact)
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(card, dict) or "status" not in card:
            raise ValueError("it is no card")
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}", f"delete it, {AGAIN}") from error
    return card


def is_damaged(artifact: Path) -> bool:
    """Whether an artifact is another file than the one its card was written for; one that is missing is not."""
    card = read_card(artifact) if card_path(artifact).exists() else {}
    try:
        return "sha256" in card and sha256(artifact) != card["sha256"]
    except FileNotFoundError:
        return False


def remove_damaged(artifact: Path) -> None:
    """Remove an artifact, so that the next run makes it again; its card stays, so that nothing else is made again."""
    artifact.resolve().unlink(missing_ok=True)  # it may be a link into DVC's cache, which would bring it back
    artifact.unlink(missing_ok=True)


def require_sound(artifact: Path) -> None:
    """Refuse to compute with a damaged artifact, and remove it.

    Raises:
        UserError: it is damaged.
    """
    if is_damaged(artifact):
        remove_damaged(artifact)
        raise UserError(
            f"{artifact} is damaged, and was removed: its SHA-256 is not the one on its card",
            "give the same command again: it makes this file anew, and nothing that does not need it",
        )


def is_rejected(artifact: Path) -> bool:
    """Whether the artifact's card says that its person was rejected."""
    card = card_path(artifact)
    return card.exists() and read_card(artifact)["status"] == "rejected"
