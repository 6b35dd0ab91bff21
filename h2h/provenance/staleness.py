"""Which outputs no longer fit what they were made from."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from h2h.provenance.dvc_stages import Outputs
from h2h.provenance.records import AGED, owner_in, read_record, record_file, record_files
from h2h.provenance.state import digest_of, read_json


def age_stale_outputs(outputs: Iterable[Outputs]) -> None:
    """Give an old modification time to every output whose recorded input checksums no longer hold.

    Modification times mean nothing after a checkout, and Snakemake compares the checksums of *newer*
    inputs only; an aged output makes it look.
    """
    owner, checksum = owner_in(outputs), functools.cache(checksum_of)
    for path, file in record_files():
        if owner(path) is not None and os.path.lexists(path):
            recorded = read_record(file).get("input_checksums") or {}
            if any((now := checksum(source)) is not None and now != then for source, then in recorded.items()):
                os.utime(path, (AGED, AGED), follow_symlinks=False)


def mend_clock(outputs: Iterable[Outputs]) -> None:
    """Give an output from the future the present time: a clock went backwards, or was wrong on another machine.

    Snakemake refuses a job's outputs that are older than its inputs.
    """
    owner, now = owner_in(outputs), time.time()
    for path, _ in record_files():
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
    record = read_json(record_file(card))
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
    return all(checksums.get(path) == checksum_of(path) and is_unchanged(path, expected) for path in sources)


def checksum_of(path: str) -> str | None:
    """A file's checksum as Snakemake records it."""
    found = digest_of(Path(path))
    return found and f"sha256:{found}"
