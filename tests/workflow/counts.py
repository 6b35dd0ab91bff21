"""Jobs that a change to one stage leads to, of the tiny project."""

PAGES = {"person_page": 3, "experiment_page": 2, "table_page": 1, "figure_page": 2, "tables_pdf": 1, "report": 1}
QUICK = {"quickstart_tables": 1, "quickstart_report": 1}
REPORTING = {**QUICK, "table": 1, "metrics": 1, **PAGES, "verdict": 1}
EVALUATION = {"evaluate": 2, **REPORTING}
TRAINING = {"pretrain": 1, "finetune": 1, "synthesize": 3, **EVALUATION}
CACHING = {"cache": 3, "person_media": 3}
