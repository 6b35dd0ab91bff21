# What all rules share: the parameters, who is who, and short names for paths and commands.
import functools
import json
import os
import shlex

from h2h import layout, provenance
from h2h.config import load_params
from h2h.config.experiments import changed, repeats
from h2h.errors import UserError
from h2h.io import lifeline
from h2h.io.cards import read_card
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
EXPERIMENTAL = ("pretrain", "finetune", "synthesize")  # what an experiment changes; all are scored alike
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
    provenance.restore_records(OUTPUTS)
    provenance.mend_clock(OUTPUTS)
    provenance.age_stale_outputs(OUTPUTS)
    provenance.export_records(OUTPUTS)  # here too: onsuccess is not called after a kill, nor if there is no job
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


@functools.cache
def stale_if(stage, experiment=None):
    """Rule params that make a stage's jobs stale: its sections of params.yaml (as an experiment has them), its code."""
    values = VALUES if experiment is None else changed(VALUES, PARAMS.experiments[experiment])
    return or_stop(provenance.stage_params, stage, values)


def stale_if_experiment(stage):
    """The same for the experiment that the wildcard `method` names, and what it does."""
    return {
        "cfg": lambda w: stale_if(stage, w.method)["cfg"],
        "code": stale_if(stage)["code"],
        "base": lambda w: PARAMS.experiments[w.method].method,
    }


def stale_if_person(stage, name):
    """What else makes a job stale: the contents of the person's folder, the role, a published model's files."""
    if stage == "frames":
        return {"content": provenance.fingerprint(f"{layout.PEOPLE}/{name}")}
    if stage == "head_model":
        return {"content": provenance.imported_model(PARAMS.head_model.source, PARAMS.head_model.path)}
    if stage == "flow_data":
        return {"content": provenance.collection(PARAMS.flow_data.source)}
    if stage == "flow_pretrain":
        return {"content": provenance.weights(PARAMS.flow_pretrain.weights)}
    if stage == "detector":
        return {"content": provenance.weights(PARAMS.detector.weights)}
    return {"role": CAST.roles[name]} if stage == "cache" else {}


def flow_stale_if(name):
    """The same for a flow: a person's, or EXPERIMENT.PERSON with the flow that the experiment asks for."""
    return stale_if("flow", name.split(".")[0] if "." in name else None)


def made(stage, name="{name}"):
    """Output of a rule: the artifact, and the card that is written last."""
    return {"data": PATHS.artifact(stage, name), "card": PATHS.card(stage, name)}


def expected(stage, name):
    """What a job would be made from now, for `provenance.is_unchanged`."""
    if stage == "flow":
        if "." in name and name.split(".")[0] not in PARAMS.experiments:
            return {"gone": "from params.yaml"}, None
        person = name.split(".")[-1]
        return flow_stale_if(name), {PATHS.card("frames", person), *(PATHS.card(*net) for net in flow_network(name))}
    if stage not in EXPERIMENTAL:
        return stale_if(stage) | stale_if_person(stage, name), None
    experiment, inputs = name.split(".")[0], None
    second = {"pretrain": CAST.initialise, "finetune": TUNED}.get(stage, CAST.people)
    if experiment not in PARAMS.experiments or name.split(".")[1] not in second:
        return {"gone": "from params.yaml"}, None
    params = stale_if(stage, experiment) | {"base": PARAMS.experiments[experiment].method}
    if stage == "pretrain":
        people = trained_on(*name.split("."))
        inputs = {HEAD_MODEL_CARD, *(PATHS.card("cache", person) for person in people)}
        inputs |= {PATHS.card("flow", flow) for flow in flows_of(experiment, people)}
    elif stage == "finetune":
        inputs = {PATHS.card("cache", name.split(".")[1]), *(PATHS.card("pretrain", n) for n in start_of(*name.split(".")))}
        inputs |= {PATHS.card("flow", flow) for flow in flows_of(experiment, [name.split(".")[1]])}
    return params, inputs


@functools.cache
def trained_on(method, fold):
    """Whose caches a multi-person training reads; nobody's where its network is imported."""
    return layout.trained_on(PARAMS, CAST, method, fold)


@functools.cache
def flow_called(method):
    """The experiment that the flow of a training is called after; None for the flow that the caches hold."""
    return layout.flow_of(PARAMS, method)


def flows_of(method, people):
    """Names of the flows that a training reads besides the caches."""
    return [f"{flow_called(method)}.{person}" for person in people] if flow_called(method) else []


def start_of(method, target):
    """Names of the multi-person networks that a fine-tuning starts from: one or none."""
    if not PARAMS.experiments[method].initialise:
        return []
    return [f"{layout.trunk(PARAMS, method)}.{layout.fold_in(PARAMS, CAST, method, target)}"]


@functools.cache
def is_lost(stage, name):
    """Whether only the big file is missing (when the run begins)."""
    return os.path.exists(PATHS.card(stage, name)) and not os.path.exists(PATHS.artifact(stage, name))


@functools.cache
def card(stage, name):
    """A card as a rule's input: Snakemake compares the checksums of small files only, so cards trigger.

    The big files are no inputs, only the workflow's targets ask for them. When one is lost and its job would
    give the same card again, the card is `ancient`: the big file is made again, and nothing that follows from it.
    """
    path = PATHS.card(stage, name)
    return ancient(path) if is_lost(stage, name) and provenance.is_unchanged(path, expected) else path


def cards(stage, names):
    return [card(stage, name) for name in names]


def use(*stages, name="name"):
    """Input function of a rule: cards of some stages, of the person that the wildcard `name` names."""
    return lambda w: {stage: card(stage, w[name]) for stage in stages}


@functools.cache
def jobs_of(want):
    """Stage -> names of the artifacts, for everybody and the models in `want` (a `layout.Wanted`)."""
    return {stage: CAST.people for stage in layout.PREPROCESSING} | layout.flow_jobs(PARAMS, want) | {
        "flow": (*CAST.people, *want.flows),
        "head_model": ("head_model",),
        "pretrain": want.pretrained,
        "finetune": want.finetuned,
        "synthesize": want.synthesized,
        "evaluate": want.evaluated,
        "transfers": want.transferred,
        "round_trip": want.cycled,
        "detector": want.detected,
    }


@functools.cache
def lost_of(stage, want):
    """Big files that are lost of a stage."""
    return [PATHS.artifact(stage, name) for name in jobs_of(want).get(stage, ()) if is_lost(stage, name)]


def lost(stage, want=ALL):
    """Big files that are lost of the stages before a stage."""
    return [path for before in provenance.upstream(stage) for path in lost_of(before, want)]


def artifacts(stage, want=ALL):
    """Input of a target: a stage's cards and big files, and what is lost of the stages before it."""
    names = jobs_of(want)[stage]
    return cards(stage, names) + lost(stage, want) + [PATHS.artifact(stage, name) for name in names]


@functools.cache
def flow_network(name):
    """Stage and name of the network behind a flow, in a list; or an empty one."""
    found = layout.flow_network(PARAMS, name.split(".")[0] if "." in name else None)
    return [found] if found else []


def behind():
    """The people whose rooms are behind synthetic heads; none for a recorded collection."""
    return [n for n in PARAMS.flow_data.backgrounds if n in CAST.people] if PARAMS.flow_data.source == "synthetic" else []


def network_of(w):
    """Stage and name of the network that makes an experiment's frames of a target, in a list; or an empty one."""
    found = layout.network(PARAMS, CAST, w.method, w.target)
    return [found] if found else []


def tables_of_page():
    """What the tables' PDF and the quickstart's table say of the tables, besides the numbers."""
    return json.dumps([VALUES["tables"], VALUES["experiments"]], sort_keys=True)


def about_pages(shown=None):
    """What pages say of tables and experiments, and who drives whom; of `shown` (see `shown_of`) alone, if given."""
    used = None if shown is None else {name.split(".")[0] for name in shown["synthesize"]}
    kept = VALUES["experiments"] if used is None else {n: e for n, e in VALUES["experiments"].items() if n in used}
    shown = [VALUES["tables"], kept, VALUES["identities"]["reenactments"]]
    return json.dumps(shown + ([VALUES["figures"]] if used is None else []), sort_keys=True)


@functools.cache
def jobs_by(kind, stage):
    """Person (or experiment, without its repetitions with other seeds) -> the jobs of a stage in `all`."""
    again, found = repeats(PARAMS.experiments), {}
    for job in jobs_of(ALL)[stage]:
        experiment, person = job.split(".")[:2]
        found.setdefault(person if kind == "person" else again.get(experiment, experiment), []).append(job)
    return found


@functools.cache
def shown_of(kind, name):
    """What a page of `all` shows: stage -> EXPERIMENT.TARGET[.SOURCE]. Of a table also when only `all_full` makes it."""
    if kind == "table":
        found = scored(name)
        return {"synthesize": [f"{job}.{job.split('.')[1]}" for job in found], "evaluate": found}
    found = {stage: jobs_by(kind, stage).get(name, []) for stage in ("synthesize", "evaluate")}
    return found if kind == "person" or found["synthesize"] else {}


def cards_shown(kind):
    """Input function of a page's rule."""
    return lambda w: [path for stage, names in shown_of(kind, w.page).items() for path in cards(stage, names)]


def options_shown(kind, name):
    """The same as options."""
    words = {"synthesize": "made", "evaluate": "scored"}
    stages = ["synthesize"] if kind == "table" else list(words)
    return [f"--{words[s]}={PATHS.artifact(s, n)}" for s in stages for n in shown_of(kind, name)[s]]


def trainings_of(experiment):
    """STAGE/NAME of the trainings behind an experiment's frames in `all`."""
    made = [job.split(".") for job in shown_of("experiment", experiment)["synthesize"]]
    found = {network for method, target, _ in made for network in [layout.network(PARAMS, CAST, method, target)] if network}
    start = {("pretrain", n) for stage, name in found if stage == "finetune" for n in start_of(*name.split("."))}
    return sorted("/".join(network) for network in found | start)


def scored(table):
    """What is evaluated for a table: EXPERIMENT.PERSON."""
    return layout.jobs(PARAMS, CAST, table)


def driven(table):
    """What is scored for a table of heads that others drive: EXPERIMENT.TARGET.SOURCE."""
    return layout.transfers(PARAMS, CAST, table)


def detectors(table):
    """The forgery detector behind a table, in a list; or an empty one."""
    return [table] if PARAMS.tables[table].detector else []


def cycled(table):
    """Cycle reenactments of a table: EXPERIMENT.X.Y."""
    return layout.cycles(PARAMS, CAST, table)


def pictured(figure):
    """Whose frames a figure shows: stage -> names."""
    stage = "round_trip" if PARAMS.figures[figure].shows == "cycle" else "synthesize"
    return {stage: layout.pictured(PARAMS, CAST, figure)}


def judged(table):
    """What a forgery detector is shown: EXPERIMENT.TARGET.SOURCE."""
    return layout.judged(PARAMS, CAST, table)


def evaluations(names, transfers=(), detectors=(), cycles=()):
    found = [f"--evaluations={PATHS.artifact('evaluate', name)}" for name in names]
    found += [f"--transfers={PATHS.artifact('transfers', name)}" for name in transfers]
    found += [f"--cycles={PATHS.artifact('round_trip', name)}" for name in cycles]
    return found + [f"--detector={PATHS.artifact('detector', name)}" for name in detectors]


def wanted(scope):
    """The models' jobs of a run."""
    if scope == "quickstart" and QUICK is None:
        target = PARAMS.identities.quickstart.target
        raise UserError(
            f"params.yaml: identities.quickstart.target {target} is no target in {layout.PEOPLE}",
            "name another person there, or fetch the demo's people with `h2h clips`",
        )
    return {"all": ALL, "all_full": FULL, "quickstart": QUICK}[scope]


def telling_cards(scope):
    """Cards that tell of every rejection of a run: one found early is passed on to them, from a video to its scores."""
    jobs = jobs_of(or_stop(wanted, scope))
    scored = {f"{job}.{job.split('.')[1]}" for job in jobs["evaluate"]}
    telling = {**jobs, "synthesize": [job for job in jobs["synthesize"] if job not in scored]}
    return [path for stage in ("cache", "finetune", "synthesize", "evaluate") for path in cards(stage, telling[stage])]


def verdict_of(scope):
    """Input of a run's target: the list of rejections, and if it is not empty the job that fails."""

    def inputs(w):
        found = checkpoints.rejections.get(scope=scope).output[0]
        return [found, f"{WORK}/verdict/{scope}.never"] if read_card(found)["rejected"] else [found]

    return inputs


def everything(scope):
    """Input of a run's target: all big files, so that a missing one is made again. Each card is some job's input."""
    return lambda w: [PATHS.artifact(stage, n) for stage, names in jobs_of(or_stop(wanted, scope)).items() for n in names]
