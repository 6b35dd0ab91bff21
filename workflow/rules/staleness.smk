# When an artifact is stale: what is recorded of a job besides its inputs, and what it would be made from now.


@functools.cache
def stale_if(stage, experiment=None):
    """Rule params that make a stage's jobs stale: its sections of params.yaml (as an experiment has them), its code,
    with the optional weights that it finds."""
    values = VALUES if experiment is None else changed(VALUES, PARAMS.experiments[experiment])
    found = or_stop(provenance.stage_params, stage, values)
    method = "ours" if experiment is None else PARAMS.experiments[experiment].method
    return found | {"code": " ".join([found["code"], *provenance.weights(stage, values, method)])}


def stale_if_experiment(stage):
    """The same for the experiment that the wildcard `method` names, and what it does."""
    return {
        "cfg": lambda w: stale_if(stage, w.method)["cfg"],
        "code": lambda w: stale_if(stage, w.method)["code"],
        "base": lambda w: PARAMS.experiments[w.method].method,
    }


@functools.cache
def said_of(name):
    """What identity.yaml says of a person besides the role: it is in the films' credentials and on the pages."""
    return or_stop(layout.identity_file, name).model_dump_json(exclude={"role"})


def stale_if_person(stage, name):
    """What else makes a job stale: the contents of the person's folder, the role, a published model's files."""
    if stage == "frames":
        return {"content": provenance.fingerprint(f"{layout.PEOPLE}/{name}")}
    if stage == "head_model":
        return {"content": provenance.imported_model(PARAMS.head_model.source, PARAMS.head_model.path)}
    if stage == "flow_data":
        return {"content": provenance.collection(PARAMS.flow_data.source)}
    return {"role": CAST.roles[name]} if stage == "cache" else {}


def methods_of(table):
    """The same for a table's forgery detector: which method is behind each experiment."""
    return {"methods": json.dumps({n: PARAMS.experiments[n].method for n in PARAMS.tables[table].experiments})}


def flow_stale_if(name):
    """The same for a flow: a person's, or EXPERIMENT.PERSON with the flow that the experiment asks for."""
    return stale_if("flow", name.split(".")[0] if "." in name else None)


def expected(stage, name):
    """What a job would be made from now, for `provenance.is_unchanged`."""
    if stage == "flow":
        if "." in name and name.split(".")[0] not in PARAMS.experiments:
            return {"gone": "from params.yaml"}, None
        person = name.split(".")[-1]
        return flow_stale_if(name), {PATHS.card("frames", person), *(PATHS.card(*net) for net in flow_network(name))}
    if stage == "detector":  # whom it is shown does not follow from its name
        inputs = {*(PATHS.card("cache", n) for n in CAST.people), *(PATHS.card("synthesize", n) for n in judged(name))}
        return stale_if(stage) | methods_of(name), inputs
    if stage == "flow_data":
        inputs = {HEAD_MODEL_CARD, *(PATHS.card(each, person) for person in behind() for each in ("frames", "matting"))}
        return stale_if(stage) | stale_if_person(stage, name), inputs
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
def is_lost(stage, name):
    """Whether only the big file is missing (when the run begins)."""
    return os.path.exists(PATHS.card(stage, name)) and not os.path.exists(PATHS.artifact(stage, name))
