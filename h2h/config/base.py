"""What all sections share: frozen, no unknown keys, no defaults repeated from `params.yaml`."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MOST_TEXT = 2000  # characters
MEAN = "mean"  # in a table's column of people


def check_name(name: str) -> str:
    """Return an identity's (fold's, profile's) name if it is safe as a file name and a wildcard."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a usable name: take 1 to 64 ASCII letters, digits, '_' or '-' (no sign first)"
        )
    if name == MEAN:
        raise ValueError(f"{name!r} is not a usable name: tables call the mean over people so")
    return name


def escaped(text: str) -> str:
    """A text with what cannot be printed, but line ends and tabs, as Python would write it."""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def escaped_line(text: str) -> str:
    """A text as one line: as `escaped`, line ends and tabs too."""
    return escaped(text).replace("\n", "\\n").replace("\t", "\\t")


def check_text(text: str) -> str:
    """Return a text if it can be written into a video, a page and a terminal: no control characters but line ends."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t":
            raise ValueError(f"it holds {character!a}, which cannot be printed")
    if len(text) > MOST_TEXT:
        raise ValueError(f"it has {len(text)} characters, more than {MOST_TEXT}")
    return text


def check_line(text: str) -> str:
    """Return a text of one line, such as a file's name, if it can be shown wherever one can; see `check_text`."""
    if set(text) & set("\n\t"):
        raise ValueError("it holds a line end or a tab")
    return check_text(text)


Name = Annotated[str, AfterValidator(check_name)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A frozen section of the parameters that refuses unknown keys and loose types."""

    model_config = ConfigDict(extra="forbid", frozen=True)
