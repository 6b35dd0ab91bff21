# From a folder of videos to the papers' tables. One topic a file in workflow/rules; the helpers are in the first four.
#
#   snakemake quickstart     a first result: one target, one cross-person video, tables and page
#   snakemake all            everything in params.yaml, but for the tables marked `full`
#   snakemake all_full       these too: several folds, seeds and rates, and reports/full/index.html
#   snakemake stage_NAME     one stage for everybody, e.g. stage_tracking
#
# profiles/default gives the options; dvc.yaml says which parameters and code affect a stage.
import gc
import sys

gc.set_threshold(200_000, 50, 100)  # millions of small objects that stay: a tenth of the time for hundreds of people
sys.path.insert(0, workflow.basedir)  # this checkout's h2h, also where another one is installed


include: "workflow/rules/common.smk"
include: "workflow/rules/staleness.smk"
include: "workflow/rules/artifacts.smk"
include: "workflow/rules/shown.smk"
include: "workflow/rules/preprocessing.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/learning.smk"
include: "workflow/rules/reporting.smk"
include: "workflow/rules/verdict.smk"


rule all:
    default_target: True
    input:
        all_lost("all"),
        rules.verdict.output,


rule all_full:
    input:
        all_lost("all_full"),
        rules.full_verdict.output,


rule quickstart:
    input:
        all_lost("quickstart"),
        rules.quickstart_verdict.output,


onsuccess:
    make_folders()
    or_stop(provenance.take_along, OUTPUTS)


onerror:
    or_stop(provenance.take_along, OUTPUTS)
