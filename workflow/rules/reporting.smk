# Tables and the page. `quickstart` and `all` write the same files: the quickstart's rules first, from the little
# they need; then, in `all`, `tables` and `report` from everything. The quickstart's rules take the cards of the
# tables and the page away for their own, so that the next `all` knows that it has to write both again.

QUICK_TABLE = next(iter(PARAMS.tables))  # the first one
QUICK_SCORES = QUICK.evaluated if QUICK else ()
QUICK_TABLES = [f"{WORK}/quickstart/tables.json"] if QUICK else []
QUICK_PAGE = [f"{WORK}/quickstart/report.json"] if QUICK else []
TABLE = (
    "{{H2H}} tables --name {0} {{params.evaluations:q}} --markdown {{REPORTS:q}}/tables/{0}.md"
    " --output {{REPORTS:q}}/tables/{0}.csv --cfg {{params.cfg:q}} --log {{log:q}}"
)
METRICS = "{H2H} metrics --output {output:q} {params.tables:q}"
PAGE = (
    "{{H2H}} report --name report --metrics {{REPORTS:q}}/{0}.json --work {{WORK:q}}"
    " --output {{REPORTS:q}}/{1}.html --cfg {{params.cfg:q}} --log {{log:q}}"
)
QUICK_METRICS = f"{{H2H}} metrics --output {{REPORTS:q}}/metrics.json {{REPORTS:q}}/tables/{QUICK_TABLE}.csv"


rule quickstart_tables:
    input:
        cards("evaluate", QUICK_SCORES),
    output:
        f"{WORK}/quickstart/tables.json",
    params:
        **stale_if("tables"),
        is_of=tables_of_page(),
        evaluations=evaluations(QUICK_SCORES),
    log:
        "logs/tables/quickstart.log",
    shell:
        f"{TABLE.format(QUICK_TABLE)} && {QUICK_METRICS}"
        f" && mv {{REPORTS:q}}/tables/{QUICK_TABLE}.json {{output:q}}"


rule quickstart_report:
    input:
        QUICK_TABLES,
        PATHS.card("head_model", "head_model"),
        cards("synthesize", QUICK.synthesized if QUICK else ()),
    output:
        f"{WORK}/quickstart/report.json",
    params:
        **stale_if("report"),
        is_of=tables_of_page(),
    log:
        "logs/report/quickstart.log",
    shell:
        f"{PAGE.format('metrics', 'index')} && mv {{REPORTS:q}}/index.json {{output:q}}"


rule table:
    input:
        QUICK_PAGE,
        lambda w: cards("evaluate", scored(w.table)),
    output:
        table=f"{REPORTS}/tables/{{table}}.csv",
        text=f"{REPORTS}/tables/{{table}}.md",
        card=f"{REPORTS}/tables/{{table}}.json",
    params:
        **stale_if("tables"),
        is_of=lambda w: json.dumps([VALUES["tables"][w.table], VALUES["experiments"]], sort_keys=True),
        evaluations=lambda w: evaluations(scored(w.table)),
    log:
        "logs/tables/{table}.log",
    shell:
        TABLE.format("{wildcards.table}")


rule metrics:
    input:
        [f"{REPORTS}/tables/{table}.json" for table in layout.tables(PARAMS)],
    output:
        f"{REPORTS}/metrics.json",
    params:
        tables=[f"{REPORTS}/tables/{table}.csv" for table in layout.tables(PARAMS)],
    shell:
        METRICS


use rule metrics as full_metrics with:
    input:
        [f"{REPORTS}/tables/{table}.json" for table in PARAMS.tables],
    output:
        f"{REPORTS}/full_metrics.json",
    params:
        tables=[f"{REPORTS}/tables/{table}.csv" for table in PARAMS.tables],


for each in PARAMS.tables:  # `snakemake table2`

    rule:
        name:
            each
        input:
            f"{REPORTS}/tables/{each}.json",
            lost("tables", FULL if PARAMS.tables[each].full else ALL),


rule report:
    input:
        f"{REPORTS}/metrics.json",
        PATHS.card("head_model", "head_model"),
        cards("cache", CAST.people),
        cards("flow_finetune", layout.flow_jobs(PARAMS, ALL)["flow_finetune"]),
        cards("finetune", ALL.finetuned),
        cards("synthesize", ALL.synthesized),
    output:
        page=f"{REPORTS}/index.html",
        card=f"{REPORTS}/index.json",
    params:
        **stale_if("report"),
        is_of=tables_of_page(),
    log:
        "logs/report/report.log",
    shell:
        PAGE.format("metrics", "index")


rule full_report:
    input:
        f"{REPORTS}/full_metrics.json",
        rules.report.output,
        cards("flow_finetune", layout.flow_jobs(PARAMS, FULL)["flow_finetune"]),
        cards("finetune", FULL.finetuned),
        cards("synthesize", FULL.synthesized),
    output:
        page=f"{REPORTS}/full.html",
        card=f"{REPORTS}/full.json",
    params:
        **stale_if("report"),
        is_of=tables_of_page(),
    log:
        "logs/report/full.log",
    shell:
        PAGE.format("full_metrics", "full")


rule stage_quickstart:
    input:
        QUICK_TABLES,
        QUICK_PAGE,


rule stage_tables:
    input:
        rules.metrics.output,


rule stage_report:
    input:
        rules.report.output,
