"""Whether a bundle's network is what an experiment needs."""

from __future__ import annotations

from h2h.bundles.card import Card, HeadModelMark
from h2h.config.geometry import Nmfc
from h2h.config.learning import Losses, Network
from h2h.config.preprocessing import Image

PATHS = ("embedder_weights", "vgg_weights", "x2face_weights")  # where files lie is everybody's own business
COLOURS = 1.0  # levels of 255 by which the colours of equal head models may differ between machines


def differences(card: Card, method: str, network: Network, losses: Losses, image: Image, nmfc: Nmfc) -> list[str]:
    """What keeps an experiment from starting with the bundle's network, one line each; empty if nothing does."""
    found = [] if card.method == method else [f"the method is {card.method} there and {method} here"]
    for name, here in (("network", network), ("losses", losses), ("image", image), ("nmfc", nmfc)):
        there = getattr(card, name).model_dump()
        for key, value in here.model_dump().items():
            if key not in PATHS and there[key] != value:
                found.append(f"{name}.{key} is {there[key]!r} there and {value!r} here")
    return found


def head_model_differences(there: HeadModelMark, here: HeadModelMark) -> list[str]:
    """Where two head models differ, one line each: networks see one through its NMFC colours."""
    counts = ("vertices", "triangles", "face", "identity", "expression")
    found = [
        f"the head model has {getattr(there, key)} {key} there and {getattr(here, key)} here"
        for key in counts
        if getattr(there, key) != getattr(here, key)
    ]
    apart = max(abs(a - b) for a, b in zip(there.colours, here.colours, strict=True))
    if not found and apart > COLOURS:
        found.append(f"the head model's colours differ by {apart:.1f} of 255 levels")
    return found
