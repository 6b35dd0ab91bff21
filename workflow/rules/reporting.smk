# Tables and the page. `quickstart` and `all` write the same files: the quickstart's rules first, from the little
# they need; then, in `all`, `tables` and `report` from everything. The quickstart's rules take the cards of the
# tables and the page away for their own, so that the next `all` knows that it has to write both again.

QUICK_SCORES = QUICK.evaluated if QUICK else ()
QUICK_TABLES = [f"{WORK}/quickstart/tables.json"] if QUICK else []
QUICK_PAGE = [f"{WORK}/quickstart/report.json"] if QUICK else []
TABLES = (
    "{H2H} tables --name table1 {params.evaluations:q} --metrics {REPORTS:q}/metrics.json"
    " --output {REPORTS:q}/tables/table1.csv --cfg {params.cfg:q} --log {log:q}"
)
PAGE = (
    "{H2H} report --name report --metrics {REPORTS:q}/metrics.json --work {WORK:q}"
    " --output {REPORTS:q}/index.html --cfg {params.cfg:q} --log {log:q}"
)


rule quickstart_tables:
    input:
        cards("evaluate", QUICK_SCORES),
    output:
        f"{WORK}/quickstart/tables.json",
    params:
        **stale_if("tables"),
        evaluations=evaluations(QUICK_SCORES),
    log:
        "logs/tables/quickstart.log",
    shell:
        f"{TABLES} && mv {{REPORTS:q}}/tables/table1.json {{output:q}}"


rule quickstart_report:
    input:
        QUICK_TABLES,
        PATHS.card("head_model", "head_model"),
        cards("synthesize", QUICK.synthesized if QUICK else ()),
    output:
        f"{WORK}/quickstart/report.json",
    params:
        **stale_if("report"),
    log:
        "logs/report/quickstart.log",
    shell:
        f"{PAGE} && mv {{REPORTS:q}}/index.json {{output:q}}"


rule tables:
    input:
        QUICK_PAGE,
        cards("evaluate", ALL.evaluated),
    output:
        table=f"{REPORTS}/tables/table1.csv",
        metrics=f"{REPORTS}/metrics.json",
        card=f"{REPORTS}/tables/table1.json",
    params:
        **stale_if("tables"),
        evaluations=evaluations(ALL.evaluated),
    log:
        "logs/tables/tables.log",
    shell:
        TABLES


rule report:
    input:
        f"{REPORTS}/tables/table1.json",
        PATHS.card("head_model", "head_model"),
        cards("cache", CAST.people),
        cards("finetune", ALL.finetuned),
        cards("synthesize", ALL.synthesized),
    output:
        page=f"{REPORTS}/index.html",
        card=f"{REPORTS}/index.json",
    params:
        **stale_if("report"),
    log:
        "logs/report/report.log",
    shell:
        PAGE


rule stage_quickstart:
    input:
        QUICK_TABLES,
        QUICK_PAGE,


rule stage_tables:
    input:
        rules.tables.output,


rule stage_report:
    input:
        rules.report.output,
