"""Locks of runs that are no more."""

from __future__ import annotations

from pathlib import Path

from h2h import provenance
from h2h.provenance import state


def test_only_the_last_run_leaves_locks_to_be_cleared(folder: Path):
    locks = state.STATE / "locks"
    first = provenance.claim_project()
    locks.mkdir()
    second = provenance.claim_project()
    assert locks.exists()  # the first run is alive
    first.close()
    second.close()
    provenance.claim_project().close()
    assert not locks.exists()
