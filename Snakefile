# From a folder of videos to the papers' tables. One topic a file in workflow/rules; the helpers are in common.smk.
#
#   snakemake quickstart     a first result: one target, one cross-person video, tables and page
#   snakemake all            everything in params.yaml, but for the tables marked `full`
#   snakemake all_full       these too: several folds, seeds and rates, and reports/full.html
#   snakemake stage_NAME     one stage for everybody, e.g. stage_tracking
#
# profiles/default gives the options; dvc.yaml says which parameters and code affect a stage.
import sys

sys.path.insert(0, workflow.basedir)  # this checkout's h2h, also where another one is installed


include: "workflow/rules/common.smk"
include: "workflow/rules/preprocessing.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/learning.smk"
include: "workflow/rules/reporting.smk"
include: "workflow/rules/verdict.smk"


rule all:
    default_target: True
    input:
        everything("all"),
        [f"{WORK}/verdict/quickstart.json"] if QUICK else [],
        verdict_of("all"),


rule all_full:
    input:
        everything("all_full"),
        verdict_of("all_full"),


rule quickstart:
    input:
        everything("quickstart"),
        verdict_of("quickstart"),


onsuccess:
    make_folders()
    or_stop(provenance.export_records, OUTPUTS)


onerror:
    or_stop(provenance.export_records, OUTPUTS)
