# The last jobs of a run. A person whose videos cannot be used is recorded as rejected by the stage that finds it,
# and everybody else's jobs go on. When all is done, a checkpoint lists who was left out; only if anybody was is
# there one more job, `verdict`, which says so and fails. It never has a result, so it stays to be done.

REPORTED = {"all": [*rules.tables.output, *rules.report.output], "quickstart": QUICK_TABLES + QUICK_PAGE}


def wanted(scope):
    """The models' jobs of a run."""
    if scope == "quickstart" and QUICK is None:
        target = PARAMS.identities.quickstart.target
        raise WorkflowError(
            f"params.yaml: identities.quickstart.target {target} is no target in {layout.PEOPLE}\n"
            "  What to do: name another person there, or fetch the demo's people with `h2h clips`"
        )
    return ALL if scope == "all" else QUICK


checkpoint rejections:
    input:
        # a rejection found early is passed on to these cards
        cards=lambda w: [
            path
            for stage in ("cache", "finetune", "synthesize", "evaluate")
            for path in cards(stage, jobs_of(wanted(w.scope))[stage])
        ],
        last=lambda w: REPORTED[w.scope],
    output:
        f"{WORK}/verdict/{{scope}}.json",
    params:
        problems=json.dumps(CAST.problems, sort_keys=True),
    wildcard_constraints:
        scope="all|quickstart",
    log:
        "logs/verdict/{scope}.log",
    shell:
        "{H2H} verdict gather --output {output:q} --problems {params.problems:q} {input.cards:q} 2> {log:q}"


rule verdict:
    input:
        f"{WORK}/verdict/{{scope}}.json",
    output:
        f"{WORK}/verdict/{{scope}}.never",
    shell:
        "{H2H} verdict show {input:q}"


def verdict_of(scope):
    """Input of a run's target: the list of rejections, and if it is not empty the job that fails."""

    def inputs(w):
        found = checkpoints.rejections.get(scope=scope).output[0]
        return [found, f"{WORK}/verdict/{scope}.never"] if read_card(found)["rejected"] else [found]

    return inputs


def everything(scope):
    """Input of a run's target: all artifacts, so that a missing one is made again."""
    return lambda w: [path for stage in jobs_of(wanted(scope)) for path in artifacts(stage, wanted(scope))]


rule stage_verdict:
    input:
        [f"{WORK}/verdict/quickstart.json"] if QUICK else [],
        verdict_of("all"),
