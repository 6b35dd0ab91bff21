"""Who plays which part, and which jobs follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2h import layout
from h2h.config import Params, load_params, merge, validate
from h2h.errors import UserError

ROOT = Path(__file__).parents[1]


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ann", "bea", "cyd"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_listed_people(folder: Path):
    who = layout.cast(params(), folder)
    assert who.people == ("ann", "bea", "cyd")
    assert who.roles == {"ann": "target", "bea": "train", "cyd": "train"}
    assert who.initialise == {"default": ("bea", "cyd")}
    assert who.fold_of == {"ann": "default"}
    assert not who.problems and not who.warnings


def test_what_is_remembered_is_of_these_parameters(folder: Path):
    """Answers that follow from the parameters are worked out once; other parameters have others."""
    one, same = params(), params()
    assert one is not same and one == same and hash(one) == hash(same)
    assert layout.trunk(one, "more") == layout.trunk(same, "more") == "ours"
    alone = {**EXPERIMENTS, "more": {"method": "ours", "changes": {"pretrain.epochs": 60}}}
    other = params({"experiments": alone})
    assert hash(other) == hash(one) and other != one  # a remembered answer must not depend on the hash alone
    assert layout.trunk(other, "more") == "more"


def test_what_an_experiment_imports(folder: Path):
    section = load_params(ROOT / "params.yaml").pretrain.model_dump()
    values = {"pretrain": section | {"imported": "models/a.h2hinit"}}
    own = {"method": "ours", "changes": {"pretrain.imported": "models/b.h2hinit"}}
    now = params(values | {"experiments": {**EXPERIMENTS, "own": own}})
    assert [now.imported(name) for name in ("ours", "own", "many")] == ["models/a.h2hinit", "models/b.h2hinit", None]
    assert [params().imported(name) for name in ("ours", "many")] == [None, None]


def test_a_new_person_is_a_target_and_trains_nobody_else(folder: Path):
    before = layout.cast(params(), folder)
    (folder / "dan").mkdir()
    who = layout.cast(params(), folder)
    assert who.fold_of["dan"] == "default"
    assert who.initialise == before.initialise


def test_identity_yaml_gives_a_role(folder: Path):
    for name, role in (("dan", "train"), ("eli", "source")):
        (folder / name).mkdir()
        (folder / name / "identity.yaml").write_text(f"role: {role}\n")
    who = layout.cast(params(), folder)
    assert who.initialise["default"] == ("bea", "cyd", "dan")
    assert who.targets == ("ann",)
    assert layout.cast(params(roles={"eli": "target"}), folder).targets == ("ann", "eli")


def test_params_go_before_identity_yaml_with_a_warning(folder: Path):
    (folder / "bea/identity.yaml").write_text("role: source\n")
    who = layout.cast(params(), folder)
    assert who.roles["bea"] == "train"
    assert "bea" in who.warnings[0]


def test_someone_can_be_a_target_of_another_fold(folder: Path):
    folds = {"other": {"initialise": ["ann"], "targets": ["bea"]}}
    who = layout.cast(params(folds=folds), folder)
    assert who.fold_of == {"ann": "default", "bea": "other"}
    assert who.roles["bea"] == "target"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"roles": {"ann": "source"}}, "makes ann a source"),
        ({"roles": {"bea": "target"}}, "bea is a target of the fold default"),
        ({"folds": {"default": {"initialise": ["zoe"], "targets": ["ann"]}}}, "nobody in .* initialisation set"),
    ],
)
def test_contradictions_are_the_users_mistakes(folder: Path, change, message):
    with pytest.raises(UserError, match=message) as error:
        layout.cast(params(**change), folder)
    assert error.value.remedy


def test_nobody_there(tmp_path: Path):
    with pytest.raises(UserError, match="no person") as error:
        layout.cast(params(), tmp_path / "none")
    assert "h2h clips" in error.value.remedy


@pytest.mark.parametrize("name", ["with space", "ümlaut", "a.b", "-dash", "x" * 65])
def test_unusable_folder_names_are_reported_and_left_out(folder: Path, name: str):
    (folder / name).mkdir()
    who = layout.cast(params(), folder)
    assert who.people == ("ann", "bea", "cyd")
    assert name in who.problems and "rename" in who.problems[name]


def test_hidden_entries_and_loose_files(folder: Path):
    (folder / ".hidden").mkdir()
    (folder / "README.md").write_text("")
    (folder / "loose.mp4").write_bytes(b"")
    who = layout.cast(params(), folder)
    assert list(who.problems) == ["loose.mp4"]


def test_a_listed_person_without_a_folder_is_left_out_with_a_warning(folder: Path):
    (folder / "cyd").rmdir()
    who = layout.cast(params(), folder)
    assert who.initialise["default"] == ("bea",)
    assert any("cyd" in line for line in who.warnings)


def test_jobs_of_all_and_quickstart(folder: Path):
    settings = params()
    who = layout.cast(settings, folder)
    wanted, warnings = layout.everything(settings, who)
    assert not warnings
    assert wanted.pretrained == ("ours.default",)
    assert wanted.finetuned == ("ours.ann",)
    assert wanted.synthesized == ("nearest_frame.ann.ann", "ours.ann.ann", "ours.ann.cyd")
    assert wanted.evaluated == ("nearest_frame.ann", "ours.ann")
    quick = layout.quickstart(settings, who)
    assert quick is not None
    assert quick.evaluated == ("ours.ann",)
    for part in ("pretrained", "finetuned", "synthesized", "evaluated"):
        assert set(getattr(quick, part)) <= set(getattr(wanted, part))


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


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"experiments": {"ours": {"method": "ours", "changes": {"frames.fps": 3}}}}, "an experiment can change"),
        (
            {"experiments": {"ours": {"method": "ours", "changes": {"finetune.frame": 3}}}},
            "no parameter finetune.frame",
        ),
        ({"experiments": {"ours": {"method": "ours", "changes": {"finetune.frames": 1}}}}, "experiments.ours.changes"),
        ({"experiments": {"ours": {"method": "nearest_frame", "initialise": False}}}, "is not trained"),
        ({"experiments": {"ours": {"method": "ours", "initialise": False, "finetune": False}}}, "nothing would be"),
        ({"experiments": {"ours": {"method": "x2face", "initialise": False}}}, "x2face is not fine-tuned"),
        ({"experiments": {"ours": {"method": "x2face"}}}, "experiments.ours must be there, and fine-tuned"),
        ({"experiments": {"ours": {"method": "ours", "changes": {"seed": "abc"}}}}, "is no integer"),
        ({"experiments": {"mine": {"method": "ours"}}}, "ours"),
        ({"tables": {"table1": {"title": "one", "rows": ["hours"]}}}, "hours is not in experiments"),
        ({"tables": {"table1": {"title": "one", "rows": ["many"]}}}, "ours is no row of tables.table1"),
        ({"tables": {}}, "tables"),
        ({"tables": {"table1": {"title": "one", "rows": ["ours"], "full": True}}}, "cannot be full"),
        ({"tables": {"table1": {"title": "one", "rows": ["ours"], "folds": ["tenth"]}}}, "tenth is not in identities"),
        ({"tables": {"table1": {"title": "one", "rows": [["ours", "hours"]], "seeds": [3]}}}, "hours is not in exp"),
    ],
)
def test_mistakes_in_experiments_name_the_key(changed, message):
    if "tables" not in changed:
        changed = changed | {"tables": {"table1": {"title": "one", "rows": ["ours"]}}}
    with pytest.raises(UserError, match=message) as error:
        params(changed)
    assert len(str(error.value)) < 400  # not all of the parameters


def test_a_full_table_repeats_with_seeds_folds_and_alternatives(folder: Path):
    tables = {
        "table1": {"title": "one", "rows": ["ours"]},
        "big": {
            "title": "big", "rows": ["ours", ["no_mouth", "more"], "many", "nearest_frame"], "full": True,
            "seeds": [1, 5], "folds": ["default", "other"],
        },
    }  # fmt: skip
    folds = {"other": {"initialise": ["ann", "cyd"], "targets": ["bea"]}}
    now = params({"tables": tables, "seed": 1}, folds=folds, reenactments=[])
    again = now.experiments["ours-seed5"]
    assert again.repeats == "ours" and again.changes == {"seed": 5} and "nearest_frame-seed5" not in now.experiments
    assert now.experiments["more-seed5"].changes == {"finetune.frames": 60, "seed": 5}
    assert now.of_experiment("more-seed5").seed == 5 and now.of_experiment("more-seed5").finetune.frames == 60
    who = layout.cast(now, folder)
    assert layout.everything(now, who)[0].evaluated == ("ours.ann",)
    full = layout.everything(now, who, full=True)[0]
    seeds, names = ("", "-seed5"), ("ours", "no_mouth", "more")
    learned = [f"{name}{seed}.{person}" for name in names for seed in seeds for person in ("ann", "bea")]
    many = [f"many{seed}.{person}" for seed in seeds for person in ("bea", "cyd")]
    assert set(full.evaluated) == {*learned, *many, "nearest_frame.ann", "nearest_frame.bea"}
    assert set(full.pretrained) == {
        f"{name}{seed}.{fold}" for name in names[:2] for seed in seeds for fold in ("default", "other")
    }  # `more` is initialised as `ours` is, and the multi-person rows use the same networks


def test_a_table_can_ask_for_reenactments_by_all_its_experiments(folder: Path):
    tables = {
        "table1": {"title": "one", "rows": ["ours", "more"]},
        "driven": {"title": "two", "rows": ["ours", "no_mouth", "many", "nearest_frame"], "transfers": True},
    }
    settings = params({"tables": tables}, reenactments=[["cyd", "ann"], ["zoe", "ann"]])
    who = layout.cast(settings, folder)
    wanted, _ = layout.everything(settings, who)
    assert wanted.transferred == (
        "nearest_frame.ann.cyd",
        "no_mouth.ann.cyd",
        "ours.ann.cyd",
    )  # `many` has other people
    assert set(wanted.transferred) < set(wanted.synthesized) and "no_mouth.ann" in wanted.finetuned
    assert layout.transfers(settings, who, "table1") == []
    assert layout.everything(params(), who)[0].transferred == () == layout.quickstart(settings, who).transferred


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


@pytest.mark.parametrize("name", ["all", "frames", "table", "stage_cache"])
def test_a_table_is_a_target_of_its_own(name: str):
    with pytest.raises(UserError, match=f"tables.{name}"):
        layout.check_names(params({"tables": {name: {"title": "one", "rows": ["ours"]}}}))
    layout.check_names(params())


def test_the_reserved_names_are_the_workflows_rules():
    import re

    text = "".join(path.read_text() for path in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")])
    rules = set(re.findall(r"^(?:rule|checkpoint|use rule \w+ as) (\w+)(?: with)?:", text, re.MULTILINE))
    assert {name for name in rules if not name.startswith("stage_")} == set(layout.TARGETS)


def test_experiments_for_people_who_are_not_there_are_told(folder: Path):
    settings = params({"experiments": EXPERIMENTS | {"odd": {"method": "ours", "targets": ["zoe"]}}})
    _, warnings = layout.everything(settings, layout.cast(settings, folder))
    assert any("experiments.odd is for zoe" in line for line in warnings)


def test_a_reenactment_needs_a_target(folder: Path):
    settings = params(reenactments=[["ann", "bea"]])
    with pytest.raises(UserError, match="bea, who is no target"):
        layout.everything(settings, layout.cast(settings, folder))


def test_quickstart_without_its_target(folder: Path):
    (folder / "ann").rmdir()
    (folder / "dan").mkdir()
    settings = params()
    assert layout.quickstart(settings, layout.cast(settings, folder)) is None


def test_paths():
    paths = layout.Layout("work", "reports")
    assert paths.artifact("frames", "ann") == "work/frames/ann.h5"
    assert paths.artifact("pretrain", "ours.default") == "work/pretrain/ours.default.safetensors"
    assert paths.card("pretrain", "ours.default") == "work/pretrain/ours.default.json"


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


def with_cycle(x, y, **more):
    table = {"title": "one", "rows": ["ours", "nearest_frame", "scratch"], "cycles": [[x, y]], **more}
    return {"tables": {"table1": {"title": "one", "rows": ["ours"]}, "cycle": table}}


def test_a_cycle_fine_tunes_its_partner(folder: Path):
    settings = params(
        with_cycle("ann", "cyd", full=True),
        reenactments=[],
        folds={"default": {"initialise": ["bea"], "targets": ["ann"]}},
        roles={"cyd": "source"},
    )
    who = layout.cast(settings, folder)
    full, few = (layout.everything(settings, who, full=full)[0] for full in (True, False))
    assert full.cycled == ("ours.ann.cyd", "scratch.ann.cyd") and few.cycled == ()
    assert {"ours.ann", "ours.cyd", "scratch.ann", "scratch.cyd"} == set(full.finetuned)
    assert full.pretrained == ("ours.default",) and "ours.cyd" not in few.finetuned
    assert "cyd" not in {name.split(".")[1] for name in full.evaluated}
    absent = params(with_cycle("ann", "zoe"), reenactments=[])
    assert layout.cycles(absent, who, "cycle") == []
    assert layout.everything(absent, who)[1] == ("the cycle ann -> zoe of cycle is left out: no folder for zoe",)


@pytest.mark.parametrize(
    ("pair", "message"), [(("ann", "bea"), "bea is in the set"), (("cyd", "ann"), "cyd is nobody")]
)
def test_cycles_that_cannot_be(folder: Path, pair, message):
    settings = params(with_cycle(*pair), reenactments=[])
    with pytest.raises(UserError, match=message):
        layout.cycles(settings, layout.cast(settings, folder), "cycle")


def test_what_a_forgery_detector_is_shown(folder: Path):
    table = {"title": "one", "rows": ["ours", "many", "nearest_frame"], "detector": True}
    settings = params(
        {"tables": {"table1": {"title": "one", "rows": ["ours"]}, "study": table}}, reenactments=[["cyd", "ann"]]
    )
    who = layout.cast(settings, folder)
    shown = layout.judged(settings, who, "study")
    assert set(shown) == {"ours.ann.ann", "ours.ann.cyd", "many.bea.bea", "many.cyd.cyd", "nearest_frame.ann.ann"}
    wanted, _ = layout.everything(settings, who)
    assert wanted.detected == ("study",) and set(shown) <= set(wanted.synthesized)
    assert layout.judged(settings, who, "table1") == []


def with_figures(**changes):
    figure = {"caption": "It shows.", "table": "table1", "metrics": ["fid"], "rows": ["ours"], "shows": "held_out"}
    return {"figures": {"fs_figure3": figure | changes}}


def test_a_figure_shows_the_frames_of_its_table(folder: Path):
    tables = {"table1": {"title": "one", "rows": ["ours", "scratch", "nearest_frame"], "transfers": True}}
    tables["rare"] = {"title": "two", "rows": ["ours"], "full": True}
    both = with_figures(rows=["nearest_frame", "ours"])["figures"] | {
        "fs_figure2": with_figures(shows="driven")["figures"]["fs_figure3"],
        "h2h_figure3": with_figures(table="rare")["figures"]["fs_figure3"],
        "h2h_figure9": with_figures(table="none")["figures"]["fs_figure3"],
    }
    settings = params({"tables": tables, "figures": both})
    who = layout.cast(settings, folder)
    assert layout.pictured(settings, who, "fs_figure3") == ["nearest_frame.ann.ann", "ours.ann.ann"]
    assert layout.pictured(settings, who, "fs_figure2") == ["ours.ann.cyd"]
    assert layout.figures(settings) == ["fs_figure3", "fs_figure2"]
    assert layout.figures(settings, full=True) == ["fs_figure3", "fs_figure2", "h2h_figure3"]
    assert any("figures.h2h_figure9 is left out" in line for line in layout.everything(settings, who)[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ["scratch"]}, "scratch is no row of tables.table1"),
        ({"shows": "driven"}, "needs transfers"),
        ({"shows": "cycle"}, "needs cycles"),
    ],
)
def test_mistakes_in_figures_name_the_key(changes, message):
    with pytest.raises(UserError, match=message):
        params(with_figures(**changes))


def test_a_figure_is_a_target_of_its_own():
    for name in ("all", "table1"):
        with pytest.raises(UserError, match=f"figures.{name}"):
            layout.check_names(params({"figures": {name: with_figures()["figures"]["fs_figure3"]}}))
