# What all rules share: the parameters, who is who, and short names for paths and commands.
import functools
import hashlib
import json
import os
import shlex

from h2h import layout, provenance
from h2h.config import load_params
from h2h.config.experiments import changed, repeats
from h2h.errors import UserError
from h2h.io import lifeline
from h2h.io.machine import machine_fault


def or_stop(function, *args):
    """Call, and stop before the first job, without a traceback, at a mistake of the user's or a fault of the disk."""
    try:
        return function(*args)
    except (UserError, OSError) as error:
        told = error if isinstance(error, UserError) else machine_fault(error)
        if told is None:
            raise
        # Not a WorkflowError: Snakemake would print the Snakefile's lines around the message.
        logger.error(str(told))
        raise SystemExit(1) from None


def known(kind, name, names):
    """`name`, if there is one: a file that was asked for by name stops the run before the first job otherwise."""
    if name not in names:
        there = ", ".join([*sorted(names)[:20], "..."][: len(names)]) or "none"
        or_stop(refuse, f"there is no {kind} {name}", f"name one that there is ({there}), or run `snakemake all`")
    return name


def refuse(what, remedy):
    """For `or_stop`."""
    raise UserError(what, remedy)


PARAMS = or_stop(load_params)
VALUES = PARAMS.model_dump(mode="json")
or_stop(layout.check_names, PARAMS)
CAST = or_stop(layout.cast, PARAMS)
PATHS = layout.Layout(PARAMS.profile.work, PARAMS.profile.reports)
ALL, _ = or_stop(layout.everything, PARAMS, CAST)
FULL, WARNINGS = or_stop(layout.everything, PARAMS, CAST, True)
QUICK = or_stop(layout.quickstart, PARAMS, CAST)
TUNED = {*CAST.fold_of, *(name.split(".")[1] for name in FULL.finetuned)}  # targets, and partners in cycles
OUTPUTS = provenance.stage_outputs(PATHS.work, PATHS.reports)
WORK, REPORTS = PATHS.work, PATHS.reports
HEAD_MODEL, HEAD_MODEL_CARD = PATHS.artifact("head_model", "head_model"), PATHS.card("head_model", "head_model")
EXPERIMENTAL = ("pretrain", "finetune", "synthesize", "round_trip")  # the rules with `stale_if_experiment`
H2H = f"{shlex.quote(sys.executable)} -m h2h.cli"
ALL_CORES = workflow.resource_settings.cores or 1  # on a cluster there is no such number: profiles/slurm has set-threads
JOB = os.path.join(workflow.basedir, "workflow", "job.sh")
shell.prefix("source {JOB:q}; ")


def make_folders():
    """DVC wants every stage's folder, also of a stage without jobs."""
    folders = [outputs.folder for outputs in OUTPUTS]
    for folder in [*folders, *(f"{REPORTS}/{name}" for name in ("media", "people", "results", "experiments", "assets"))]:
        os.makedirs(folder, exist_ok=True)


def begin():
    """Bring Snakemake's records and the artifacts together; returns what must be held until this process ends."""
    claim = provenance.claim_project()
    provenance.bring_together(OUTPUTS)
    if "DVC_STAGE" in os.environ:
        make_folders()
    return claim


if workflow.is_main_process:
    lifeline.announce_run()
    lifeline.follow_dvc()
    CLAIM = or_stop(begin)
    for line in [*CAST.warnings, *WARNINGS, *CAST.problems.values()]:
        logger.warning(line)


wildcard_constraints:
    name=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    target=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    source=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    page=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    fold=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    method="|".join(PARAMS.experiments),
    table="|".join(PARAMS.tables),
