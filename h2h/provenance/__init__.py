"""Glue between dvc.yaml, params.yaml and Snakemake: what makes a job stale, and records that travel.

dvc.yaml is the only place that says which parameters and which code affect a stage; Snakemake's rules get
both from here as `params`, so that either engine reruns a stage for the same reasons.
"""

from collections.abc import Iterable

from h2h.provenance.claim import claim_project
from h2h.provenance.contents import collection, fingerprint, imported_model
from h2h.provenance.dvc_stages import Outputs, code_deps, code_digest, stage_outputs, stage_params, stages, upstream
from h2h.provenance.records import export_records, forget, restore_records
from h2h.provenance.settled import is_settled, settle, state_of_records
from h2h.provenance.staleness import age_stale_outputs, is_unchanged, mend_clock
from h2h.provenance.weights import weights

__all__ = [
    "Outputs", "age_stale_outputs", "bring_together", "claim_project", "code_deps", "code_digest", "collection",
    "export_records", "fingerprint", "imported_model", "is_unchanged", "mend_clock", "restore_records", "stage_outputs",
    "stage_params", "stages", "take_along", "upstream", "weights",
]  # fmt: skip


def bring_together(outputs: Iterable[Outputs]) -> None:
    """Before the DAG is built: make Snakemake's records, the artifacts and the stages' own records agree."""
    outputs = list(outputs)
    if is_settled(outputs):
        mend_clock(outputs)  # a file from the future is mended, which is a change
        if is_settled(outputs):
            return
    restore_records(outputs)
    mend_clock(outputs)
    take_along(outputs)  # here too: onsuccess is not called after a kill, nor if there is no job


def take_along(outputs: Iterable[Outputs]) -> None:
    """After a run: write the records beside the artifacts, and age what no longer fits."""
    outputs, before = list(outputs), state_of_records()
    age_stale_outputs(outputs)
    export_records(outputs)
    if state_of_records() == before:  # no other run has made something meanwhile
        settle(outputs)
    forget()
