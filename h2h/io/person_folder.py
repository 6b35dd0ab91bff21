"""A person's folder, `data/identities/NAME`: what its `identity.yaml` says, and its clips by their hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from h2h.config import read_yaml, validate
from h2h.config.preprocessing import IdentityFile
from h2h.errors import Rejected
from h2h.io.cards import sha256
from h2h.io.record import Ingredient

PEOPLE = Path("data/identities")
KEYS = 'mend it: README.md says under "Add a person" which keys there are'


def identity_file(name: str, folder: Path = PEOPLE) -> IdentityFile:
    """Read and validate a person's `identity.yaml`; without one, every key is empty."""
    path = folder / name / "identity.yaml"
    there = path.exists() or path.is_symlink()  # a link that leads nowhere is no empty file
    return validate(IdentityFile, (read_yaml(path) or {}) if there else {}, str(path), KEYS)


def clip_ingredients(name: str, role: str, folder: Path = PEOPLE) -> tuple[Ingredient, ...]:
    """The clips of a person, in the order in which the frames stage reads them; none if the folder is gone."""
    from h2h.io.video import find_clips

    try:
        clips = find_clips(folder / name)
    except Rejected:
        return ()
    return tuple(Ingredient(role, clip_sha256(clip), clip.name) for clip in clips)


def clip_sha256(clip: Path) -> str:
    """SHA-256 of a video; of a folder of pictures that of their hashes and names, as `sha256sum` lists them."""
    if clip.is_file():
        return sha256(clip)
    files = sorted(path for path in clip.iterdir() if path.is_file() and not path.name.startswith("."))
    return hashlib.sha256(
        "".join(f"{sha256(path)}  {path.name}\n" for path in files).encode(errors="surrogateescape")
    ).hexdigest()
