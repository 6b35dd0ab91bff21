"""What the machine did, not the user and not h2h: a full or read-only disk, a missing right, too little memory."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from h2h.errors import UserError
from h2h.io.atomic import TEMPORARY

AGAIN = "then give the same command again: what is finished stays"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_TOLD = {  # errno -> what is wrong with {0}, and what to do
    errno.ENOSPC: (
        "no space is left on the disk for {0}",
        f"free some space (`h2h plan` says how much), {AGAIN}",
    ),
    errno.EDQUOT: ("your quota on the disk is used up, there is no room for {0}", f"free some space, {AGAIN}"),
    errno.EROFS: ("{0} is on a file system that is read-only", f"mount it for writing or move the project, {AGAIN}"),
    errno.EACCES: ("there is no right to open {0}", f"change its owner or its mode (chown, chmod), {AGAIN}"),
    errno.EPERM: ("the system does not permit to change {0}", f"change its owner, mode or attributes, {AGAIN}"),
    errno.EIO: ("the disk fails at {0}", f"save what you can, see the kernel's log (dmesg), use another disk, {AGAIN}"),
    errno.EMFILE: ("too many files are open, {0} is one too many", f"raise the limit (ulimit -n 4096), {AGAIN}"),
    errno.ELOOP: ("{0} is a symbolic link that leads in a circle", f"remove the link, {AGAIN}"),
    errno.EISDIR: ("{0} is a folder, and a file is to be written there", "name a file, or remove the folder"),
    errno.ENOTDIR: ("{0} is said to be in a folder that is a file", "name another folder"),
    errno.ENOMEM: (
        "there is not enough memory for {0}",
        f"close other programs, or run fewer jobs at once (snakemake -c 1), {AGAIN}",
    ),
}
_SPOKEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM)  # libraries say them in words, too
_MEMORY = ("allocate memory", "out of memory", "failed to allocate", "insufficient memory", "bad_alloc", "map segment")


def machine_fault(error: BaseException, path: Path | None = None) -> UserError | None:
    """What to tell of an error that the machine caused, or of one that it led to.

    Args:
        error: what was caught; its causes are looked at too, the first one first.
        path: what was being written, where the error names no file.

    Returns:
        What happened, to which file, and what to do; None for any other error.
    """
    for cause in reversed(list(_causes(error))):
        number = _number(cause)
        if number is None:
            continue
        what, remedy = _TOLD[number]
        file = _final(getattr(cause, "filename", None)) or path
        text = what.format("what this command needs" if file is None else file)
        if number in _NO_ROOM:
            text += f" ({_room(file)})"
        return UserError(text, remedy)
    return None


def _final(named: object) -> Path | None:
    """The file that an error names; of one with the temporary name of `h2h.io.atomic` the one that it was to be."""
    if not isinstance(named, str | os.PathLike):
        return None
    temporary = TEMPORARY.fullmatch(Path(named).name)
    return Path(named).with_name(temporary["name"]) if temporary else Path(named)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _number(error: BaseException) -> int | None:
    """The errno that an error stands for, if it is one of `_TOLD`."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if getattr(error, "errno", None) in _TOLD:
        return error.errno  # type: ignore[attr-defined]
    text = str(error)
    for number in _SPOKEN:
        if os.strerror(number) in text:
            return number
    return errno.ENOMEM if any(words in text.lower() for words in _MEMORY) else None


def _room(path: Path | None) -> str:
    """Free space where the file is to be, and where temporary files are: either may be what is full."""
    places = {_existing(path or Path()), Path(tempfile.gettempdir())}
    free = {place: shutil.disk_usage(place).free / 1e6 for place in places}
    return ", ".join(f"{free[place]:.1f} MB free at {place}" for place in sorted(places))


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
