"""What makes a stage stale: the parameters and the code that dvc.yaml names for it."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from h2h.config import read_yaml
from h2h.errors import UserError
from h2h.provenance.contents import files_in

DVC_FILE = Path("dvc.yaml")
RECORDS_FILE = "_prov.json"
DAG_ONLY = (  # what decides which jobs there are, not what a job does
    "identities",
    "profile",
    "experiments",
    "tables",
    "figures",
    "flow.method",
    "flow.network",
    "report.others",
)


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
        for file in files_in(Path(path)):
            digest.update(file.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


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
