# Tables and the report. `quickstart` and `all` write the same files: the quickstart's rules first, from the little
# they need; then, in `all`, tables and pages from everything. The quickstart's rules take the cards of the tables and
# pages away, so that the next `all` knows that it has to write them again. In `all` a page is a job of its own, which
# runs again when what it shows changes; what was found in somebody's videos (person_media) all of them share.

QUICK_TABLE = next(iter(PARAMS.tables))  # the first one
QUICK_SCORES = QUICK.evaluated if QUICK else ()
QUICK_TABLES = [f"{WORK}/quickstart/tables.json"] if QUICK else []
QUICK_PAGE = [f"{WORK}/quickstart/report.json"] if QUICK else []
TABLE = (
    "{{H2H}} tables --name {0} {{params.evaluations:q}} --markdown {{REPORTS:q}}/tables/{0}.md"
    " --output {{REPORTS:q}}/tables/{0}.csv --cfg {{params.cfg:q}} --log {{log:q}}"
)
METRICS = "{H2H} metrics --output {output:q} {params.tables:q}"
QUICK_METRICS = f"{{H2H}} metrics --output {{REPORTS:q}}/metrics.json {{REPORTS:q}}/tables/{QUICK_TABLE}.csv"
SHOWN, FULL_SHOWN = layout.with_page(PARAMS, CAST, ALL), layout.with_page(PARAMS, CAST, FULL)
QUICK_SHOWN = set(layout.with_page(PARAMS, CAST, QUICK)).intersection(layout.involved(PARAMS, CAST, QUICK)) if QUICK else set()
EXPERIMENTS = [name for name in PARAMS.experiments if shown_of("experiment", name)]
PAGES = [
    *(f"{REPORTS}/people/{name}.json" for name in SHOWN),
    *(f"{REPORTS}/results/{table}.json" for table in layout.tables(PARAMS)),
    *(f"{REPORTS}/experiments/{name}.json" for name in EXPERIMENTS),
    *(f"{REPORTS}/figures/{name}.json" for name in layout.figures(PARAMS)),
]
STUDY = [path for path in (f"{PARAMS.report.study}/tables/study.md",) if os.path.exists(path)]
PAGE = "{H2H} {rule} --name {wildcards.page} --work {WORK:q} --reports {REPORTS:q}"
WRITTEN = " --output {output.page:q} --cfg {params.cfg:q} --log {log:q}"
FIRST_PAGE = (
    "{{H2H}} report --name report --metrics {{REPORTS:q}}/{0}.json --work {{WORK:q}} --reports {{REPORTS:q}}"
    " --scope {1} --output {{REPORTS:q}}/{2}index.html --cfg {{params.cfg:q}} --log {{log:q}}"
)


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
        media(sorted(QUICK_SHOWN)),
        cards("synthesize", QUICK.synthesized if QUICK else ()),
    output:
        f"{WORK}/quickstart/report.json",
    params:
        **stale_if("report"),
        said=about_people(sorted(QUICK_SHOWN)),
        is_of=about_pages(),
    log:
        "logs/report/quickstart.log",
    shell:
        f"{FIRST_PAGE.format('metrics', 'quickstart', '')} && mv {{REPORTS:q}}/index.json {{output:q}}"


rule table:
    input:
        QUICK_PAGE,
        lambda w: cards("evaluate", scored(w.table)) + cards("transfers", driven(w.table)),
        lambda w: cards("detector", detectors(w.table)) + cards("round_trip", cycled(w.table)),
    output:
        table=f"{REPORTS}/tables/{{table}}.csv",
        text=f"{REPORTS}/tables/{{table}}.md",
        card=f"{REPORTS}/tables/{{table}}.json",
    params:
        **stale_if("tables"),
        is_of=lambda w: json.dumps([VALUES["tables"][w.table], VALUES["experiments"]], sort_keys=True),
        evaluations=lambda w: evaluations(scored(w.table), driven(w.table), detectors(w.table), cycled(w.table)),
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
            [f"{REPORTS}/results/{each}.json"] if PARAMS.tables[each].cycles else [],


rule person_media:
    input:
        unpack(use("cache", "frames", "landmarks")),
        head_model=card("head_model", "head_model"),
    output:
        sheet=f"{REPORTS}/media/{{name}}/contact_sheet.jpg",
        card=f"{REPORTS}/media/{{name}}/contact_sheet.json",
    params:
        **stale_if("person_media"),
    log:
        "logs/person_media/{name}.log",
    shell:
        "{H2H} person_media --name {wildcards.name} --cache {WORK:q}/cache/{wildcards.name}.h5"
        " --frames {WORK:q}/frames/{wildcards.name}.h5 --landmarks {WORK:q}/landmarks/{wildcards.name}.h5"
        " --head-model {HEAD_MODEL:q} --output {output.sheet:q} --cfg {params.cfg:q} --log {log:q}"


rule person_page:
    input:
        QUICK_PAGE,
        f"{REPORTS}/media/{{page}}/contact_sheet.json",
        cards_shown("person"),
    output:
        page=f"{REPORTS}/people/{{page}}.html",
        card=f"{REPORTS}/people/{{page}}.json",
    params:
        **stale_if("person_page"),
        said=lambda w: said_of(w.page),
        is_of=lambda w: about_pages(shown_of("person", w.page)),
        shown=lambda w: options_shown("person", w.page),
    log:
        "logs/person_page/{page}.log",
    shell:
        f"{PAGE} {{params.shown:q}}{WRITTEN}"


rule experiment_page:
    input:
        QUICK_PAGE,
        cards_shown("experiment"),
        lambda w: [card(*training.split("/")) for training in trainings_of(w.page)],
    output:
        page=f"{REPORTS}/experiments/{{page}}.html",
        card=f"{REPORTS}/experiments/{{page}}.json",
    params:
        **stale_if("experiment_page"),
        is_of=lambda w: about_pages(shown_of("experiment", w.page)),
        shown=lambda w: options_shown("experiment", w.page),
    log:
        "logs/experiment_page/{page}.log",
    shell:
        f"{PAGE} {{params.shown:q}}{WRITTEN}"


rule table_page:
    input:
        f"{REPORTS}/tables/{{page}}.json",
        cards_shown("table"),
    output:
        page=f"{REPORTS}/results/{{page}}.html",
        card=f"{REPORTS}/results/{{page}}.json",
    params:
        **stale_if("table_page"),
        is_of=lambda w: json.dumps([VALUES["tables"][w.page], VALUES["experiments"]], sort_keys=True),
        shown=lambda w: options_shown("table", w.page),
    log:
        "logs/table_page/{page}.log",
    shell:
        f"{PAGE} {{params.shown:q}}{WRITTEN}"


rule figure_page:
    input:
        lambda w: f"{REPORTS}/results/{PARAMS.figures[known('figure', w.page, PARAMS.figures)].table}.json",
        lambda w: [path for stage, names in pictured(w.page).items() for path in cards(stage, names)],
    output:
        page=f"{REPORTS}/figures/{{page}}.html",
        card=f"{REPORTS}/figures/{{page}}.json",
    params:
        **stale_if("figure_page"),
        is_of=lambda w: json.dumps([VALUES["figures"][w.page], VALUES["experiments"]], sort_keys=True),
        shown=lambda w: [f"--made={PATHS.artifact(s, n)}" for s, names in pictured(w.page).items() for n in names],
    log:
        "logs/figure_page/{page}.log",
    shell:
        f"{PAGE} {{params.shown:q}}{WRITTEN}"


for each in layout.figures(PARAMS, full=True):  # `snakemake fs_figure3`

    rule:
        name:
            each
        input:
            f"{REPORTS}/figures/{each}.json",
            lost("figure_page", FULL if PARAMS.tables[PARAMS.figures[each].table].full else ALL),


rule tables_pdf:
    input:
        rules.metrics.input,
        rules.metrics.output,
    output:
        page=f"{REPORTS}/h2h_tables.pdf",
        card=f"{REPORTS}/h2h_tables.json",
    params:
        **stale_if("tables_pdf"),
        is_of=tables_of_page(),
    log:
        "logs/tables_pdf/tables_pdf.log",
    shell:
        f"{{H2H}} tables_pdf --name tables --reports {{REPORTS:q}}{WRITTEN}"


rule report:
    input:
        rules.metrics.output,
        rules.tables_pdf.output.card,
        PAGES,
        STUDY,
        cards("cache", CAST.people),
        cards("flow_finetune", layout.flow_jobs(PARAMS, ALL)["flow_finetune"]),
        cards("finetune", ALL.finetuned),
        cards("synthesize", ALL.synthesized),
    output:
        page=f"{REPORTS}/index.html",
        card=f"{REPORTS}/index.json",
    params:
        **stale_if("report"),
        said=about_people(CAST.people),
        problems=json.dumps(CAST.problems, sort_keys=True),
        is_of=about_pages(),
    log:
        "logs/report/report.log",
    shell:
        FIRST_PAGE.format("metrics", "all", "")


rule full_report:
    input:
        f"{REPORTS}/full_metrics.json",
        rules.report.output,
        media(FULL_SHOWN),
        [f"{REPORTS}/figures/{name}.json" for name in layout.figures(PARAMS, full=True)],
        cards("flow_finetune", layout.flow_jobs(PARAMS, FULL)["flow_finetune"]),
        cards("finetune", FULL.finetuned),
        cards("synthesize", FULL.synthesized),
    output:
        page=f"{REPORTS}/full/index.html",
        card=f"{REPORTS}/full/index.json",
    params:
        **stale_if("report"),
        said=about_people(CAST.people),
        problems=json.dumps(CAST.problems, sort_keys=True),
        is_of=about_pages(),
    log:
        "logs/report/full.log",
    shell:
        FIRST_PAGE.format("full_metrics", "all_full", "full/")


rule stage_quickstart:
    input:
        QUICK_TABLES,
        QUICK_PAGE,


rule stage_tables:
    input:
        rules.metrics.output,


rule stage_person_media:
    input:
        media(sorted({*SHOWN, *QUICK_SHOWN})),


rule stage_person_page:
    input:
        [path for path in PAGES if "/people/" in path],


rule stage_experiment_page:
    input:
        [path for path in PAGES if "/experiments/" in path],


rule stage_table_page:
    input:
        [path for path in PAGES if "/results/" in path],


rule stage_figure_page:
    input:
        [path for path in PAGES if "/figures/" in path],


rule stage_tables_pdf:
    input:
        rules.tables_pdf.output,


rule stage_report:
    input:
        rules.report.output,
