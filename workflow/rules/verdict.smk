# The last jobs of a run. A person whose videos cannot be used is recorded as rejected by the stage that finds it,
# and everybody else's jobs go on. When all is done, a checkpoint lists who was left out; only if anybody was is
# there one more job, `verdict`, which says so and fails. It never has a result, so it stays to be done.

REPORTED = {
    "all": [*rules.metrics.output, *rules.report.output],
    "all_full": [*rules.full_metrics.output, *rules.full_report.output],
    "quickstart": QUICK_TABLES + QUICK_PAGE,
}


checkpoint rejections:
    input:
        cards=lambda w: telling_cards(w.scope),
        last=lambda w: REPORTED[w.scope],
    output:
        f"{WORK}/verdict/{{scope}}.json",
    params:
        problems=json.dumps(CAST.problems, sort_keys=True),
    wildcard_constraints:
        scope="all|all_full|quickstart",
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


rule stage_verdict:
    input:
        [f"{WORK}/verdict/quickstart.json"] if QUICK else [],
        verdict_of("all"),
