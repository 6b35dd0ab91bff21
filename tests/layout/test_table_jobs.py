"""What tables and figures are made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from layout.settings import params, with_figures

from h2h import layout
from h2h.errors import UserError


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


def test_a_crowd_is_scored_in_part(tmp_path: Path):
    """480 people are in the papers' initialisation; a network that is not fine-tuned is scored on some of them."""
    names = [f"p{number:02}" for number in range(30)]
    for name in ("ann", *names):
        (tmp_path / name).mkdir()
    tables = {"one": {"title": "one", "rows": ["many", "ours"]}, "two": {"title": "two", "rows": ["many"], "people": 3}}
    settings = params({"tables": tables}, folds={"default": {"initialise": names, "targets": ["ann"]}}, reenactments=[])
    who = layout.cast(settings, tmp_path)
    scored = [job for job in layout.jobs(settings, who, "one") if job.startswith("many.")]
    assert len(scored) == 20 and scored == sorted(scored)
    few = layout.jobs(settings, who, "two")
    assert len(few) == 3 and set(few) < set(scored)
    assert "ours.ann" in layout.jobs(settings, who, "one")
