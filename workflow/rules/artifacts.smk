# Artifacts as inputs of rules: cards, big files, and what a whole run asks for.


def made(stage, name="{name}"):
    """Output of a rule: the artifact, and the card that is written last."""
    return {"data": PATHS.artifact(stage, name), "card": PATHS.card(stage, name)}


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
def trained_on(method, fold):
    """Whose caches a multi-person training reads; nobody's where its network is imported."""
    return layout.trained_on(PARAMS, CAST, method, known("fold", fold, CAST.initialise))


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
def wanted(scope):
    """The models' jobs of a run."""
    return or_stop(layout.goal_of, PARAMS, CAST, scope)


def telling_cards(scope):
    """Input function: cards that tell of every rejection of a run."""
    return lambda w: [card(*job) for job in layout.telling(CAST, wanted(scope))]


def all_lost(scope):
    """Input of a run's target: big files that are lost, so that they are made again. Each card is some job's input."""
    return lambda w: [path for stage in jobs_of(wanted(scope)) for path in lost_of(stage, wanted(scope))]
