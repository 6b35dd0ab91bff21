"""Which collection a folder holds."""

from __future__ import annotations

from pathlib import Path

from h2h.collections import fomm, hdtf, voxceleb
from h2h.collections.span import Collection
from h2h.errors import UserError

FORMATS = (hdtf, fomm, voxceleb)


def find_collection(root: Path) -> Collection:
    """The collection whose lists lie in a folder (or in one file).

    Raises:
        UserError: none fits; the message says what was looked for.
    """
    if not root.exists():
        raise UserError(f"{root} is missing", "name the folder with the collection's lists")
    for form in FORMATS:
        if (collection := form.find(root)) is not None:
            return collection
    looked = "\n    ".join(form.LOOKS_FOR for form in FORMATS)
    raise UserError(f"{root} holds no list of a known collection. Looked for:\n    {looked}", "name another folder")
