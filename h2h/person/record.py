"""What a video's Content Credentials say of a driven person, offline and live."""

from __future__ import annotations

from h2h.io.record import Ingredient, Record
from h2h.person.card import PersonCard


def driven_record(card: PersonCard, title: str, mode: str, *sources: Ingredient) -> Record:
    """The record of a person who is driven.

    Args:
        card: of the person's bundle.
        title: of the video.
        mode: what is transferred.
        sources: what drives.
    """
    own = tuple(Ingredient("target", clip.sha256, clip.name) for clip in card.clips)
    return Record(
        title,
        card.name,
        mode,
        card.made_from.network,
        (*sources, *(own or (Ingredient("target", card.made_from.cache),))),
        card.about.consent,
        card.about.licence,
    )
