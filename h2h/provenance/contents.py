"""Digests of what no rule has as an input: people's folders, published models, weights."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from h2h.io.atomic import write_json
from h2h.provenance.state import STATE, digest_of, read_json

BESIDE_MODELS = ("lsfm_exp_30.dat", "flame_static_embedding.pkl", "expression_blendshapes_*.bin")
_FINGERPRINTS = STATE / "h2h_fingerprints.json"


def fingerprint(folder: str) -> str:
    """Digest of a person's folder: the names and contents of all files that a video may come from.

    Links to folders are followed once, so that a circle of links ends. Contents are hashed once and
    remembered by size, modification time and inode. `identity.yaml` does not count: only the role in it
    affects a job, which gets it as an argument.
    """
    root = Path(folder)
    linked = [entry for entry in root.iterdir() if entry.is_symlink() and entry.is_dir()] if root.is_dir() else []
    inside = sorted(file for entry in linked for file in entry.iterdir() if file.is_file())
    videos = [file for file in [*files_in(root), *inside] if file.name != "identity.yaml" and not _hidden(file, root)]
    return digest_files(videos, root)


def imported_model(source: str, path: str) -> str:
    """Digest of a published head model's files, and of what its importer reads beside them; "" without one."""
    file = Path(path)
    if source == "anny" or not file.exists():
        return ""
    if file.is_dir():
        return digest_files(files_in(file), file)
    beside = [other for pattern in BESIDE_MODELS for other in file.parent.glob(pattern)]
    return digest_files(sorted({file, *beside}), file.parent)


def collection(source: str) -> str:
    """Digest of a recorded collection of 4D scans, and of where the links in it lead; "" for the synthetic one.

    `h2h.io.scan_folder` follows links within the collection at every level. What they lead to is a file of the
    collection and counts by itself, unless it is hidden.
    """
    if source == "synthetic":
        return ""
    root = Path(source)
    links = [path for path in sorted(root.rglob("*")) if path.is_symlink() and not _hidden(path, root)]
    if not links:
        return fingerprint(source)
    digest, real = hashlib.sha256(fingerprint(source).encode()), Path(os.path.realpath(root))
    for link in links:
        digest.update(os.fsencode(link.relative_to(root)) + b"\0" + os.fsencode(os.readlink(link)) + b"\0")
        target = Path(os.path.realpath(link))
        if target.is_dir() and target.is_relative_to(real) and _hidden(target, real):
            digest.update(digest_files(files_in(target), real).encode())
    return digest.hexdigest()[:32]


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def digest_files(files: Iterable[Path], root: Path) -> str:
    """Digest of the files' contents and of their paths below `root`."""
    digest, known = hashlib.sha256(), _known_contents()
    before = dict(known)
    for file in files:
        stat = file.stat()
        key = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        content = known[str(file)][1] if known.get(str(file), [None])[0] == key else digest_of(file)
        if content is None:
            content = "unreadable"  # the job that needs it says why, and others go on
        else:
            known[str(file)] = [key, content]
        digest.update(os.fsencode(file.relative_to(root).as_posix()) + b"\0" + content.encode() + b"\0")
    if known != before:
        write_json(_FINGERPRINTS, known)
    return digest.hexdigest()[:32]


@functools.cache
def _known_contents() -> dict[str, list]:
    return read_json(_FINGERPRINTS)


def files_in(path: Path) -> list[Path]:
    """A file alone, or all files below a folder, sorted, without compiled code."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
