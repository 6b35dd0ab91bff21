"""What a target of the workflow asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from layout.settings import EXPERIMENTS, params

from h2h import layout
from h2h.errors import UserError


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


def test_who_has_a_page(tmp_path: Path):
    """Everybody whom a result shows or who drives one, and of the others at most `report.others`."""
    names = [f"p{number:02}" for number in range(10)]
    for name in ("ann", "zoe", *names):
        (tmp_path / name).mkdir()
    settings = params(
        {"report": {"others": 2, "study": "study"}},
        folds={"default": {"initialise": names, "targets": ["ann"]}},
        roles={"zoe": "source"},
        quickstart={"target": "ann", "source": "zoe", "methods": ["ours"]},
        reenactments=[["zoe", "ann"]],
    )
    who = layout.cast(settings, tmp_path)
    goal, _ = layout.everything(settings, who)
    shown = layout.with_page(settings, who, goal)
    assert len(shown) == 4 and {"ann", "zoe"} < set(shown) and shown == tuple(sorted(shown))
    quick = layout.quickstart(settings, who)
    assert quick is not None and layout.with_page(settings, who, quick) == shown  # of a part, the same people


def test_cards_that_tell_of_a_rejection(folder: Path):
    settings = params()
    who = layout.cast(settings, folder)
    found = layout.telling(who, layout.goal_of(settings, who, "all"))
    assert {("cache", name) for name in who.people} < set(found)
    assert {("evaluate", "ours.ann"), ("synthesize", "ours.ann.cyd"), ("finetune", "ours.ann")} < set(found)
    assert ("synthesize", "ours.ann.ann") not in found  # its score tells
    cycled = layout.Wanted((), (), ("ours.ann", "ours.bea"), (), (), cycled=("ours.ann.bea",))
    assert ("round_trip", "ours.ann.bea") in layout.telling(who, cycled)  # it tracks, and may find no face
