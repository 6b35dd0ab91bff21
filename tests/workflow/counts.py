"""Jobs that a change to one stage leads to, of the tiny project."""

REPORTING = {"quickstart_tables": 1, "quickstart_report": 1, "table": 1, "metrics": 1, "report": 1, "rejections": 2}
EVALUATION = {"evaluate": 2, **REPORTING}
TRAINING = {"pretrain": 1, "finetune": 1, "synthesize": 3, **EVALUATION}
