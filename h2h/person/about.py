"""What a person's `identity.yaml` says, as the bundle's card holds it."""

from __future__ import annotations

from pathlib import Path

from h2h import layout


def about(folder: Path) -> dict[str, str | None]:
    """Source, licence, credit and consent; None where nothing is stated.

    Args:
        folder: the person's own, with the videos.
    """
    file = layout.identity_file(folder.name, folder.parent)
    return {key: printable(getattr(file, key)) for key in ("source", "licence", "credit", "consent")}


def printable(text: str | None) -> str | None:
    """In one line, without what cannot be printed, and not longer than a card allows."""
    return None if text is None else "".join(c for c in " ".join(text.split()) if c.isprintable())[:300]
