"""Files that people share: an uncompressed zip of a JSON description and named members. Nothing is unpickled.

An archive is read as hostile input: it must have exactly the members of its kind, stored as they are, so that nothing
can grow or land anywhere else when it is read; their names are compared and never used as paths.
"""

from __future__ import annotations

import errno
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from h2h.errors import UserError
from h2h.io.atomic import replacing

CARD = "card.json"
LONGEST_CARD = 5_000_000  # bytes
BLOCK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same contents give the same bytes
T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """A kind of archive.

    Attributes:
        what: what it is called in messages.
        members: besides the description.
        remedy: for one that cannot be read.
        missing: for one that is not there.
    """

    what: str
    members: tuple[str, ...]
    remedy: str
    missing: str


def write_archive(path: Path, kind: Kind, card: Any, members: Mapping[str, Path | bytes]) -> None:
    """Write an archive, atomically.

    Args:
        path: the file.
        kind: its kind.
        card: the description, JSON-able.
        members: name -> a file, or the contents.
    """
    text = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(CARD, _EPOCH), text)
        for name in kind.members:
            content, member = members[name], zipfile.ZipInfo(name, _EPOCH)
            if isinstance(content, bytes):
                archive.writestr(member, content)
                continue
            member.file_size = content.stat().st_size
            with archive.open(member, "w") as target, open(content, "rb") as source:
                while block := source.read(BLOCK):
                    target.write(block)


def read_description(path: Path, kind: Kind) -> Any:
    """The description in an archive, as plain data; the caller checks it.

    Raises:
        UserError: the file is missing, no such archive, or its description no JSON.
    """
    with opened(path, kind) as archive:
        text = _read(path, kind, lambda: archive.read(CARD))
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: {CARD} is no description: {error}", kind.remedy) from error


def read_member(path: Path, kind: Kind, name: str, longest: int) -> tuple[bytes, str]:
    """A member's contents and their SHA-256.

    Raises:
        UserError: as for `read_description`, or it is damaged or has more than `longest` bytes.
    """
    with opened(path, kind) as archive:
        size = archive.getinfo(name).file_size
        if size > longest:
            raise UserError(f"{path}: {name} has {size} bytes, more than {longest}", kind.remedy)
        content = _read(path, kind, lambda: archive.read(name))
    return content, hashlib.sha256(content).hexdigest()


def extract_member(path: Path, kind: Kind, name: str, target: Path) -> str:
    """Copy a member into the file `target`; returns its SHA-256.

    Raises:
        UserError: as for `read_description`, or the contents are damaged.
    """
    digest = hashlib.sha256()

    def copy(source: IO[bytes], file: IO[bytes]) -> None:
        while block := source.read(BLOCK):
            digest.update(block)
            file.write(block)

    with opened(path, kind) as archive, open(target, "wb") as file:
        _read(path, kind, lambda: copy(archive.open(name), file))
    return digest.hexdigest()


@contextmanager
def opened(path: Path, kind: Kind) -> Iterator[zipfile.ZipFile]:
    """An archive whose members are those of its kind."""
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing", kind.missing) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError(f"{path} is no {kind.what}: {error}", kind.remedy) from error
    with archive:
        _check(path, kind, archive.infolist())
        yield archive


def _check(path: Path, kind: Kind, members: list[zipfile.ZipInfo]) -> None:
    names, wanted = sorted(member.filename for member in members), [CARD, *kind.members]
    if names != sorted(wanted):
        raise UserError(f"{path} holds {str(names)[:200]}; a bundle holds {' and '.join(wanted)}", kind.remedy)
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise UserError(f"{path}: {member.filename} is compressed, which no bundle is", kind.remedy)
        if member.flag_bits & 0x1:
            raise UserError(f"{path}: {member.filename} is encrypted, which no bundle is", kind.remedy)
        if member.filename == CARD and member.file_size > LONGEST_CARD:
            raise UserError(f"{path}: {CARD} has {member.file_size} bytes, too many for a description", kind.remedy)
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise UserError(f"{path} promises more than it holds", kind.remedy)


def _read(path: Path, kind: Kind, action: Callable[[], T]) -> T:
    try:
        return action()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a full disk is none of the archive's faults
            raise
        # EINVAL: the end record makes a member begin before the file does
        raise UserError(f"{path} is damaged: {error}", kind.remedy) from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
