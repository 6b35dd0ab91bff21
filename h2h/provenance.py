"""Glue between dvc.yaml, params.yaml and Snakemake: what makes a job stale, and records that travel.

dvc.yaml is the only place that says which parameters and which code affect a stage; Snakemake's rules get
both from here as `params`, so that either engine reruns a stage for the same reasons.

Snakemake keeps one record a file in `.snakemake/metadata` (the job's params, input set and input checksums).
Those records belong to the artifacts, so they travel with them: `export_records` writes them into
`work/STAGE/_prov.json`, which is a part of the DVC output, and `restore_records` reads them back after DVC
has brought another version (a clone and pull, `git checkout` and `dvc checkout`, an experiment). Without
them a fresh clone would run everything again, and changed parameters would go unnoticed.
"""

from __future__ import annotations

import base64
import fcntl
import functools
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from h2h.config import read_yaml
from h2h.errors import UserError
from h2h.io.atomic import write_json

DVC_FILE = Path("dvc.yaml")
STATE = Path(".snakemake")
METADATA = STATE / "metadata"
RECORDS_FILE = "_prov.json"
DAG_ONLY = (  # what decides which jobs there are, not what a job does
    "identities",
    "profile",
    "experiments",
    "tables",
    "figures",
    "flow.method",
    "flow.network",
)
_SEEN = STATE / "h2h_seen.json"  # stage folder -> digest of the _prov.json that .snakemake agrees with
BESIDE_MODELS = ("lsfm_exp_30.dat", "flame_static_embedding.pkl", "expression_blendshapes_*.bin")
_FINGERPRINTS = STATE / "h2h_fingerprints.json"
_BLOCK = 1 << 16  # bytes
_AGED = 1  # a modification time that is surely older than any input; Snakemake takes 0 for "unknown"
# What Snakemake compares. Times, this machine's paths and job numbers stay behind, so that the
# same artifacts give the same _prov.json everywhere.
_KEPT = ("rule", "input", "params", "record_format_version", "software_stack_hash", "input_checksums")


# What makes a stage stale


@functools.cache
def stages() -> dict[str, Any]:
    """The stages of dvc.yaml."""
    return read_yaml(DVC_FILE)["stages"]


def stage_params(stage: str, values: dict[str, Any]) -> dict[str, str]:
    """What Snakemake must compare for a stage, read from its entry in dvc.yaml.

    Args:
        stage: the stage's name.
        values: all parameters, as plain data.

    Returns:
        `cfg`: sorted JSON of the sections that the stage reads (and gets as `--cfg`); `code`: a digest
        of the code it depends on.
    """
    entry = stages()[stage]
    sections = [key for key in entry.get("params", []) if not {key, key.split(".")[0]} & set(DAG_ONLY)]
    nested = [key for key in sections if "." in key]
    if nested:
        raise UserError(f"dvc.yaml: {stage} lists {nested[0]}", "list whole sections of params.yaml")
    cfg = {key: values[key] for key in sections}
    return {"cfg": json.dumps(cfg, sort_keys=True), "code": code_digest(code_deps(stage))}


def code_deps(stage: str) -> tuple[str, ...]:
    """The files and folders of the package that dvc.yaml names for a stage."""
    return tuple(dep for dep in stages()[stage].get("deps", []) if dep.startswith("h2h/"))


@functools.cache
def upstream(stage: str) -> tuple[str, ...]:
    """All stages that a stage depends on, directly or not, sorted."""
    prefix = "${profile.work}/"
    direct = [dep.removeprefix(prefix) for dep in stages()[stage].get("deps", []) if dep.startswith(prefix)]
    return tuple(sorted({*direct, *(further for dep in direct for further in upstream(dep))}))


@functools.cache
def code_digest(paths: tuple[str, ...]) -> str:
    """Digest of the contents of source files (folders recursively, without caches)."""
    digest = hashlib.sha256()
    for path in paths:
        if not Path(path).exists():
            raise UserError(f"dvc.yaml names {path}, which does not exist", "mend the stage's deps")
        for file in _files(Path(path)):
            digest.update(file.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def fingerprint(folder: str) -> str:
    """Digest of a person's folder: the names and contents of all files that a video may come from.

    Links to folders are followed once, so that a circle of links ends. Contents are hashed once and
    remembered by size, modification time and inode. `identity.yaml` does not count: only the role in it
    affects a job, which gets it as an argument.
    """
    root = Path(folder)
    linked = [entry for entry in root.iterdir() if entry.is_symlink() and entry.is_dir()] if root.is_dir() else []
    inside = sorted(file for entry in linked for file in entry.iterdir() if file.is_file())
    videos = [
        file
        for file in [*_files(root), *inside]
        if file.name != "identity.yaml" and not any(part.startswith(".") for part in file.relative_to(root).parts)
    ]
    return _digest_files(videos, root)


def imported_model(source: str, path: str) -> str:
    """Digest of a published head model's files, and of what its importer reads beside them; "" without one."""
    file = Path(path)
    if source == "anny" or not file.exists():
        return ""
    if file.is_dir():
        return _digest_files(_files(file), file)
    beside = [other for pattern in BESIDE_MODELS for other in file.parent.glob(pattern)]
    return _digest_files(sorted({file, *beside}), file.parent)


def weights(path: str) -> str:
    """Digest of a file of weights; "" without one."""
    file = Path(path)
    return _digest_files([file], file.parent) if path and file.is_file() else ""


def collection(source: str) -> str:
    """Digest of a recorded collection of 4D scans; "" for the synthetic one."""
    return "" if source == "synthetic" else fingerprint(source)


def _digest_files(files: Iterable[Path], root: Path) -> str:
    digest, known = hashlib.sha256(), _known_contents()
    before = dict(known)
    for file in files:
        stat = file.stat()
        key = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        content = known[str(file)][1] if known.get(str(file), [None])[0] == key else _digest(file)
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
    return _read_json(_FINGERPRINTS)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


# Records that travel with the artifacts


@dataclass(frozen=True)
class Outputs:
    """What a DVC stage writes: its own folder (which also holds the records) and other files or folders."""

    folder: str
    others: tuple[str, ...] = ()

    @property
    def records(self) -> Path:
        """The file with the records of all the stage's files."""
        return Path(self.folder) / RECORDS_FILE


def stage_outputs(work: str, reports: str) -> list[Outputs]:
    """The outputs of all DVC stages, with the profile's folders filled in."""
    found = []
    for entry in stages().values():
        listed = [out for key in ("outs", "metrics", "plots") for out in entry.get(key, [])]
        names = [out if isinstance(out, str) else next(iter(out)) for out in listed]
        paths = [name.replace("${profile.work}", work).replace("${profile.reports}", reports) for name in names]
        found.append(Outputs(paths[0], tuple(paths[1:])))
    return found


def _owner_in(outputs: Iterable[Outputs]) -> Callable[[str], str | None]:
    """A function: file -> folder of the stage that it belongs to, None for any other file."""
    folder_of = {out: stage.folder for stage in outputs for out in (stage.folder, *stage.others)}

    def owner(path: str) -> str | None:
        while path and path not in folder_of:
            path = path.rpartition("/")[0]
        return folder_of.get(path)

    return owner


def export_records(outputs: Iterable[Outputs]) -> None:
    """Write each stage's records beside its artifacts, if they have changed."""
    outputs, seen = list(outputs), _read_json(_SEEN)
    owner, records = _owner_in(outputs), {stage.folder: {} for stage in outputs}
    for path, file in _record_files():
        if (folder := owner(path)) is not None and os.path.exists(path):
            record = _record(file)
            records[folder][path] = {key: record.get(key) for key in _KEPT}
    for stage in outputs:
        if own := records[stage.folder]:
            if _record(stage.records) != own:
                write_json(stage.records, own)
            seen[stage.folder] = _digest(stage.records)
    _parsed.cache_clear()
    write_json(_SEEN, seen)


def restore_records(outputs: Iterable[Outputs]) -> None:
    """Take over the records of every stage folder that DVC has replaced since the last export.

    A whole folder is taken over when its `_prov.json` is not the one we last saw. A single record is
    taken over when the file is not the one it was made for (Snakemake records its modification time),
    as after a killed run whose outputs `dvc checkout` then replaced.
    """
    outputs, seen = list(outputs), _read_json(_SEEN)
    owner, current = _owner_in(outputs), dict(_record_files())
    for stage in outputs:
        digest = _digest(stage.records)
        travelled = _record(stage.records)
        replaced = digest is not None and digest != seen.get(stage.folder)
        for path in current if replaced else ():
            if owner(path) == stage.folder and path not in travelled:
                os.unlink(current[path])
        for path, record in travelled.items():
            if os.path.exists(path) and (replaced or not _describes(current.get(path), path)):
                write_json(_record_file(path), record)
        if replaced:
            seen[stage.folder] = digest
    (STATE / "incomplete").mkdir(parents=True, exist_ok=True)  # or Snakemake migrates the records
    write_json(_SEEN, seen)


def age_stale_outputs(outputs: Iterable[Outputs]) -> None:
    """Give an old modification time to every output whose recorded input checksums no longer hold.

    Modification times mean nothing after a checkout, and Snakemake compares the checksums of *newer*
    inputs only; an aged output makes it look.
    """
    owner, checksum = _owner_in(outputs), functools.cache(_checksum)
    for path, file in _record_files():
        if owner(path) is not None and os.path.lexists(path):
            recorded = _record(file).get("input_checksums") or {}
            if any((now := checksum(source)) is not None and now != then for source, then in recorded.items()):
                os.utime(path, (_AGED, _AGED), follow_symlinks=False)


def mend_clock(outputs: Iterable[Outputs]) -> None:
    """Give an output from the future the present time: a clock went backwards, or was wrong on another machine.

    Snakemake refuses a job's outputs that are older than its inputs.
    """
    owner, now = _owner_in(outputs), time.time()
    for path, _ in _record_files():
        if owner(path) is not None and os.path.lexists(path) and os.lstat(path).st_mtime > now:
            os.utime(path, (now, now), follow_symlinks=False)


def is_unchanged(card: str, expected: Callable[[str, str], tuple[dict[str, str], set[str] | None]]) -> bool:
    """Whether the job behind a card would give the same card again.

    Args:
        card: `WORK/STAGE/NAME.json`.
        expected: (stage, name) -> what Snakemake would pass as the job's params now, and the cards it
            would be made from (None where a rule's inputs follow from the name alone).

    Returns:
        True if the record of the card has these params and inputs, the inputs are what they were, and
        all of them are unchanged in turn.
    """
    record = _read_json(_record_file(card))
    stage, name = Path(card).parent.name, Path(card).stem
    if record.get("rule") != stage:
        return False
    params, inputs = expected(stage, name)
    sources = {path for path in record.get("input") or () if path.endswith(".json")}
    if not {repr(value) for value in params.values()} <= set(record.get("params") or ()):
        return False
    if inputs is not None and inputs != sources:
        return False
    checksums = record.get("input_checksums") or {}
    return all(checksums.get(path) == _checksum(path) and is_unchanged(path, expected) for path in sources)


def _describes(record: str | None, path: str) -> bool:
    """Whether a record of this machine was made for the file that is there now."""
    if record is None:
        return False
    ended, changed = _record(record).get("endtime"), os.lstat(path).st_mtime
    return ended is None or changed == _AGED or abs(ended - changed) < 1e-3


def _record_files() -> list[tuple[str, str]]:
    """(output, Snakemake's record of it). A name of more than 254 characters is split over folders."""
    found = []
    for folder, _, files in os.walk(METADATA):
        before = "".join(part.removeprefix("@") for part in Path(folder).relative_to(METADATA).parts)
        for name in files:
            if not name.startswith("."):
                try:
                    found.append((base64.urlsafe_b64decode(before + name).decode(), f"{folder}/{name}"))
                except ValueError:  # not one of Snakemake's
                    continue
    return found


def _record(file: str | Path) -> dict[str, Any]:
    """What a record (or a stage's records) says; thousands are looked at several times, and parsed once."""
    try:
        stat = os.stat(file)
    except FileNotFoundError:
        return {}
    return _parsed(os.fspath(file), stat.st_mtime_ns, stat.st_size, stat.st_ino)


@functools.cache
def _parsed(file: str, *_: int) -> dict[str, Any]:
    found = _read_json(Path(file))
    return {key: value for key, value in found.items() if key not in ("shellcmd", "code")}


def _record_file(path: str) -> Path:
    encoded = base64.urlsafe_b64encode(path.encode()).decode()
    parts = [encoded[i : i + 254] for i in range(0, len(encoded), 254)]
    return METADATA.joinpath(*("@" + part for part in parts[:-1]), parts[-1])


# One live run at a time


def claim_project() -> IO[str]:
    """Remove the locks of killed runs; the caller keeps the returned file open as long as it lives.

    Every live Snakemake of this project holds a shared lock on one file, which the kernel frees
    however the process ends. If nobody holds it, Snakemake's own lock files are left over.
    """
    STATE.mkdir(exist_ok=True)
    handle = open(STATE / "h2h.lock", "w", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(STATE / "locks", ignore_errors=True)
    except BlockingIOError:
        pass
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _read_json(path: Path) -> dict[str, Any]:
    """The mapping in a JSON file; a missing, half-written or damaged one is empty."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(path: str) -> str | None:
    """A file's checksum as Snakemake records it."""
    found = _digest(Path(path))
    return found and f"sha256:{found}"


def _digest(path: Path) -> str | None:
    try:
        with open(path, "rb") as stream:
            digest = hashlib.sha256(start := stream.read(_BLOCK))
            while start:  # not file_digest, which takes longer to begin than a card to be read
                digest.update(start := stream.read(_BLOCK))
            return digest.hexdigest()
    except OSError:
        return None
