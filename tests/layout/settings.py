"""Parameters of a project with three people."""

from __future__ import annotations

from pathlib import Path

from h2h.config import Params, load_params, merge, validate

ROOT = Path(__file__).parents[2]

EXPERIMENTS = {
    "nearest_frame": {"method": "nearest_frame"},
    "ours": {"method": "ours"},
    "scratch": {"method": "ours", "initialise": False},
    "more": {"method": "ours", "changes": {"finetune.frames": 60}},
    "no_mouth": {"method": "ours", "changes": {"network.mouth_discriminator": False}},
    "many": {"method": "ours", "finetune": False},
    "many_no_mouth": {
        "method": "ours", "finetune": False, "changes": {"network.mouth_discriminator": False}, "targets": ["bea"],
    },
}  # fmt: skip


def params(sections=None, **identities) -> Params:
    values = load_params(ROOT / "params.yaml").model_dump()
    base = {
        "folds": {"default": {"initialise": ["bea", "cyd"], "targets": ["ann"]}},
        "roles": {},
        "quickstart": {"target": "ann", "source": "cyd", "methods": ["ours"]},
        "reenactments": [["cyd", "ann"]],
    }
    values["identities"] = merge(base, identities)
    values["experiments"] = EXPERIMENTS
    values["tables"] = {"table1": {"title": "one", "rows": ["ours", "nearest_frame"]}}
    values["figures"] = {}
    values |= sections or {}
    return validate(Params, values, "test")


def with_figures(**changes):
    figure = {"caption": "It shows.", "table": "table1", "metrics": ["fid"], "rows": ["ours"], "shows": "held_out"}
    return {"figures": {"fs_figure3": figure | changes}}
