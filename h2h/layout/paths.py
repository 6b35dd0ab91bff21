"""Where artifacts lie, and what the workflow's rules are called."""

from __future__ import annotations

from dataclasses import dataclass

PREPROCESSING = ("frames", "matting", "landmarks", "tracking", "nmfc", "flow", "cache")  # one job a person
TARGETS = (  # rules of the workflow, besides stage_NAME
    *PREPROCESSING, "head_model", "flow_data", "flow_pretrain", "flow_finetune", "pretrain", "finetune", "synthesize",
    "evaluate", "transfers", "round_trip", "detector", "table", "metrics", "person_media", "person_page",
    "experiment_page", "table_page", "figure_page", "tables_pdf", "report", "quickstart_tables", "quickstart_report",
    "full_metrics", "full_report", "verdict", "full_verdict", "quickstart_verdict", "all", "all_full", "quickstart",
)  # fmt: skip
_CHECKPOINTS = ("pretrain", "finetune", "flow_pretrain", "flow_finetune")
FLOW_NETWORK = "flownet2"  # what the artifacts of flow_pretrain and flow_finetune are called


@dataclass(frozen=True)
class Layout:
    """Paths of the artifacts of one profile."""

    work: str
    reports: str

    def artifact(self, stage: str, name: str) -> str:
        """The big file of one job; of the flow that an experiment changes, the job is EXPERIMENT.PERSON."""
        return f"{self.work}/{stage}/{name}.{'safetensors' if stage in _CHECKPOINTS else 'h5'}"

    def card(self, stage: str, name: str) -> str:
        """The small file beside it, which is written last."""
        return f"{self.work}/{stage}/{name}.json"
