# The last job of a run. A person whose videos cannot be used is recorded as rejected by the stage that finds it, and
# everybody else's jobs go on. When all is done, `verdict` says who was left out, and fails if anybody was: then it has no
# result, so it stays to be done. The verdicts on other runs than `all` lie where DVC does not look.

VERDICT = "{H2H} verdict --scope {params.scope} --output {output:q}"


rule verdict:
    input:
        telling_cards("all"),
        rules.metrics.output,
        rules.report.output,
    output:
        f"{WORK}/verdict/all.json",
    params:
        scope="all",
        problems=json.dumps(CAST.problems, sort_keys=True),
    shell:
        VERDICT


use rule verdict as full_verdict with:
    input:
        telling_cards("all_full"),
        rules.full_metrics.output,
        rules.full_report.output,
    output:
        f"{WORK}/verdict_of/all_full.json",
    params:
        scope="all_full",
        problems=json.dumps(CAST.problems, sort_keys=True),


use rule verdict as quickstart_verdict with:
    input:
        telling_cards("quickstart"),
        QUICK_TABLES + QUICK_PAGE,
    output:
        f"{WORK}/verdict_of/quickstart.json",
    params:
        scope="quickstart",
        problems=json.dumps(CAST.problems, sort_keys=True),


rule stage_verdict:
    input:
        f"{WORK}/verdict/all.json",
