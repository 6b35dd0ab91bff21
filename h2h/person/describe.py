"""A person's bundle in a few lines, for the terminal."""

from __future__ import annotations

from pathlib import Path

from h2h.io.cards import sha256
from h2h.person.card import PersonCard
from h2h.person.speed import available


def describe(card: PersonCard, path: Path) -> list[str]:
    """What one wants to know of a bundle before using it or passing it on."""
    speed, about = card.speed, card.about
    spent = ", ".join(
        f"{name} {speed.milliseconds[name]:.0f} ms (mean difference from torch {speed.parity[name].mean:.2f} of 255)"
        for name in sorted(speed.milliseconds, key=speed.milliseconds.__getitem__)
        if name in speed.parity
    )
    head = "inside" if card.head_model_inside else "not inside: its licence does not allow it"
    used = next((name for name in speed.order if name in available()), None)
    return [
        f"{path}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(path)}",
        f"  {card.name}, {card.image.size} px, fine-tuned on {card.training.frames} frames",
        f"  a frame on {speed.processor}, {speed.threads} threads: {spent}" + (f"; here: {used}" if used else ""),
        f"  head model {head} ({card.head_model.licence})",
        f"  videos: licence {about.licence or 'not stated'}; consent {about.consent or 'not stated'}",
    ]
