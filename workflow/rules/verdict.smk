# The last job of a run. A person whose videos cannot be used is recorded as rejected by the stage that finds it, and
# everybody else's jobs go on. When all is done, `verdict` says who was left out, and fails if anybody was: then it has no
# result, so it stays to be done.

REPORTED = {
    "all": [*rules.metrics.output, *rules.report.output],
    "all_full": [*rules.full_metrics.output, *rules.full_report.output],
    "quickstart": QUICK_TABLES + QUICK_PAGE,
}


rule verdict:
    input:
        cards=lambda w: telling_cards(w.scope),
        last=lambda w: REPORTED[w.scope],
    output:
        f"{WORK}/verdict/{{scope}}.json",
    params:
        problems=json.dumps(CAST.problems, sort_keys=True),
    wildcard_constraints:
        scope="all|all_full|quickstart",
    shell:
        "{H2H} verdict --output {output:q} --problems {params.problems:q} {input.cards:q}"


rule stage_verdict:
    input:
        f"{WORK}/verdict/all.json",
