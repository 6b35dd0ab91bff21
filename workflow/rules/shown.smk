# What tables, figures and pages are made from, as inputs, options and recorded parameters.


def tables_of_page():
    """What the tables' PDF and the quickstart's table say of the tables, besides the numbers."""
    return json.dumps([VALUES["tables"], VALUES["experiments"]], sort_keys=True)


def about_pages(shown=None):
    """What pages say of tables and experiments, and who drives whom; of `shown` (see `shown_of`) alone, if given."""
    used = None if shown is None else {name.split(".")[0] for name in shown["synthesize"]}
    kept = VALUES["experiments"] if used is None else {n: e for n, e in VALUES["experiments"].items() if n in used}
    shown = [VALUES["tables"], kept, VALUES["identities"]["reenactments"]]
    return json.dumps(shown + ([VALUES["figures"]] if used is None else []), sort_keys=True)


def about_people(names):
    """Digest of what the pages say of people."""
    said = json.dumps([[name, CAST.roles[name], said_of(name)] for name in names])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


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
    known(kind, name, {"table": PARAMS.tables, "person": CAST.people, "experiment": PARAMS.experiments}[kind])
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


def media(people):
    """Cards of what was found in people's videos."""
    return [f"{REPORTS}/media/{name}/contact_sheet.json" for name in people]
