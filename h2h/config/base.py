"""What all sections share: frozen, no unknown keys, no defaults repeated from `params.yaml`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_name(name: str) -> str:
    """Return an identity's (fold's, profile's) name if it is safe as a file name and a wildcard."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a usable name: take 1 to 64 ASCII letters, digits, '_' or '-' (no sign first)"
        )
    return name


Name = Annotated[str, AfterValidator(check_name)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A frozen section of the parameters that refuses unknown keys and loose types."""

    model_config = ConfigDict(extra="forbid", frozen=True)
