"""Which trainings are behind an experiment."""

from __future__ import annotations

from pathlib import Path

import pytest
from layout.settings import EXPERIMENTS, ROOT, params

from h2h import layout
from h2h.config import load_params
from h2h.errors import UserError


def test_what_is_remembered_is_of_these_parameters(folder: Path):
    """Answers that follow from the parameters are worked out once; other parameters have others."""
    one, same = params(), params()
    assert one is not same and one == same and hash(one) == hash(same)
    assert layout.trunk(one, "more") == layout.trunk(same, "more") == "ours"
    alone = {**EXPERIMENTS, "more": {"method": "ours", "changes": {"pretrain.epochs": 60}}}
    other = params({"experiments": alone})
    assert hash(other) == hash(one) and other != one  # a remembered answer must not depend on the hash alone
    assert layout.trunk(other, "more") == "more"


def test_experiments_share_networks_that_are_trained_alike(folder: Path):
    rows = {"ours": ["ours"], "two": ["scratch", "more", "no_mouth", "many", "many_no_mouth"]}
    settings = params({"tables": {name: {"title": name, "rows": part} for name, part in rows.items()}}, reenactments=[])
    who = layout.cast(settings, folder)
    wanted, _ = layout.everything(settings, who)
    assert wanted.pretrained == ("no_mouth.default", "ours.default")
    assert wanted.finetuned == ("more.ann", "no_mouth.ann", "ours.ann", "scratch.ann")
    assert wanted.evaluated == (
        "many.bea", "many.cyd", "many_no_mouth.bea", "more.ann", "no_mouth.ann", "ours.ann", "scratch.ann",
    )  # fmt: skip
    assert layout.network(settings, who, "many_no_mouth", "bea") == ("pretrain", "no_mouth.default")
    assert layout.network(settings, who, "more", "ann") == ("finetune", "more.ann")
    assert layout.network(settings, who, "nearest_frame", "ann") is None


def test_x2face_is_shown_a_target_and_not_fine_tuned(folder: Path):
    """Its network is the multi-person one of the target's fold, which has never seen the target."""
    rows = EXPERIMENTS | {"x2face": {"method": "x2face"}, "own": {"method": "x2face", "finetune": False}}
    table = {"title": "one", "rows": ["ours", "x2face", "own"], "folds": ["default", "other"]}
    folds = {"other": {"initialise": ["ann"], "targets": ["bea"]}}
    settings = params({"experiments": rows, "tables": {"table1": table}}, folds=folds, reenactments=[])
    who = layout.cast(settings, folder)
    wanted, _ = layout.everything(settings, who)
    assert wanted.pretrained == ("ours.default", "ours.other", "x2face.default", "x2face.other")
    assert wanted.finetuned == ("ours.ann", "ours.bea")
    assert {"x2face.ann.ann", "x2face.bea.bea", "own.bea.bea", "own.cyd.cyd"} <= set(wanted.synthesized)
    assert layout.network(settings, who, "x2face", "bea") == ("pretrain", "x2face.other")
    assert layout.network(settings, who, "own", "bea") == ("pretrain", "x2face.default")


def test_flows_that_experiments_name_lie_beside_the_caches(folder: Path):
    networks = {"flow.method": "flownet2", "flow.network": "original"}
    rows = EXPERIMENTS | {
        "before": {"method": "ours", "changes": networks},
        "longer": {"method": "ours", "changes": {**networks, "finetune.epochs": 9}},
        "after": {"method": "ours", "changes": {"flow.method": "flownet2"}},
    }
    tables = {
        "table1": {"title": "one", "rows": ["ours"]},
        "flows": {"title": "flows", "rows": ["before", "longer", "after", "scratch"], "seeds": [1, 5], "full": True},
    }
    now = params({"experiments": rows, "tables": tables, "seed": 1}, reenactments=[])
    who = layout.cast(now, folder)
    few, full = (layout.everything(now, who, full=full)[0] for full in (False, True))
    assert few.flows == () and set(layout.flow_jobs(now, few).values()) == {()}
    assert [layout.flow_of(now, name) for name in ("ours", "before", "longer-seed5", "after")] == [
        None, "before", "before", "after",
    ]  # fmt: skip
    assert full.flows == tuple(f"{flow}.{person}" for flow in ("after", "before") for person in ("ann", "bea", "cyd"))
    assert "before.default" in full.pretrained and "longer.default" not in full.pretrained
    network = (layout.FLOW_NETWORK,)
    wanted = {"flow_data": ("flow_data",), "flow_pretrain": network, "flow_finetune": network}
    assert layout.flow_jobs(now, full) == wanted
    assert layout.flow_network(now) is None
    assert layout.flow_network(now, "longer") == ("flow_pretrain", "flownet2")
    assert layout.flow_network(now, "after") == ("flow_finetune", "flownet2")


def test_everybodys_flow_can_be_that_of_a_network(folder: Path):
    flow = load_params(ROOT / "params.yaml").flow.model_dump()
    for name, stages in (("original", ["flow_pretrain"]), ("facial", ["flow_data", "flow_finetune", "flow_pretrain"])):
        now = params({"flow": flow | {"method": "flownet2", "network": name}})
        wanted, _ = layout.everything(now, layout.cast(now, folder))
        jobs = layout.flow_jobs(now, wanted)
        assert wanted.flows == () and sorted(stage for stage, names in jobs.items() if names) == stages
        assert layout.flow_network(now) == (stages[-1] if name == "original" else "flow_finetune", "flownet2")


def with_company(*names):
    return {"experiments": EXPERIMENTS | {"joined": {"method": "ours", "company": list(names)}}}


def test_company_joins_one_training_and_no_other(folder: Path):
    for name in ("dan", "eve"):
        (folder / name).mkdir()
        (folder / name / "identity.yaml").write_text("role: source\n")
    chosen = params(with_company("dan", "eve") | {"tables": {"one": {"title": "one", "rows": ["ours", "joined"]}}})
    who = layout.cast(chosen, folder)
    assert layout.trained_on(chosen, who, "ours", "default") == ("bea", "cyd")
    assert layout.trained_on(chosen, who, "joined", "default") == ("bea", "cyd", "dan", "eve")
    wanted, _ = layout.everything(chosen, who)
    assert wanted.pretrained == ("joined.default", "ours.default")
    assert {name.split(".")[1] for name in wanted.evaluated} == {"ann"}


@pytest.mark.parametrize(
    ("name", "message"), [("zoe", "zoe, who have no folder"), ("ann", "ann, a target of the fold")]
)
def test_company_that_cannot_join_is_named(folder: Path, name: str, message: str):
    chosen = params(with_company(name))
    with pytest.raises(UserError, match=message):
        layout.trained_on(chosen, layout.cast(chosen, folder), "joined", "default")


def test_company_needs_a_training():
    rows = EXPERIMENTS | {"scratch": {"method": "ours", "initialise": False, "company": ["bea"]}}
    with pytest.raises(UserError, match="no multi-person training"):
        params({"experiments": rows})
