"""What a synthesised video was made from and with whose leave: the record that its manifest and watermark carry."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Ingredient:
    """One thing that a video was made from.

    Attributes:
        role: what it served as, such as `target`, `source`, `head model`, `background`, `audio`.
        sha256: of the file, hex; None for what is no file, such as a camera.
        name: the file's name without folders, or what it is.
    """

    role: str
    sha256: str | None
    name: str | None = None


@dataclass(frozen=True)
class Record:
    """What is said of a synthesised video.

    Attributes:
        title: what the video is, such as `ours.franck.audun`.
        target: whose head is shown.
        mode: how it was driven: `self`, `head`, `face`, `expression`, ...
        model: SHA-256 of the network, hex; None for a method without a network.
        ingredients: what went in.
        consent: what the target agreed to, as in `identity.yaml`; None if that is not recorded.
        licence: of the target's clips; None if that is not recorded.
    """

    title: str
    target: str
    mode: str
    model: str | None = None
    ingredients: tuple[Ingredient, ...] = ()
    consent: str | None = None
    licence: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What the manifest holds; `not recorded` is said where nothing is."""
        return {
            **asdict(self),
            "ingredients": [asdict(one) for one in self.ingredients],
            "consent": self.consent or NOT_RECORDED,
            "licence": self.licence or NOT_RECORDED,
        }

    @property
    def number(self) -> int:
        """32 bits that the watermark carries: the first of the SHA-256 of the record as canonical JSON."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
