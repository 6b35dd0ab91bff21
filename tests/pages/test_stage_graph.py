"""The drawing of the workflow."""

import re

from h2h import provenance
from h2h.pages.stage_graph import HEIGHT, WIDTH, StageState, draw

READS = {
    "frames": [],
    "matting": ["frames"],
    "tracking": ["frames", "gone"],
    "cache": ["frames", "matting", "tracking"],
}
READS |= {"late": ["frames", "cache"], "model": [], "drawn": ["late", "model"]}


def test_boxes_stand_right_of_what_they_read_and_nowhere_overlap():
    drawing = draw(READS, {name: StageState(1, 1) for name in READS})
    x = {box.name: box.x for box in drawing.boxes}
    assert all(x[before] < x[after] for after, several in READS.items() for before in several if before in x)
    for one in drawing.boxes:
        assert 0 <= one.x <= drawing.width - WIDTH and 0 <= one.y <= drawing.height - HEIGHT
        others = [box for box in drawing.boxes if box is not one]
        assert all(abs(one.x - b.x) >= WIDTH or abs(one.y - b.y) >= HEIGHT for b in others)


def test_arrows_that_follow_from_others_are_left_out_and_the_rest_joins_the_boxes():
    drawing = draw(READS, dict.fromkeys(READS, StageState(1, 1)))
    assert len(drawing.arrows) == 7  # frames -> cache and frames -> late go by way of the others
    edges = {(box.x + WIDTH, box.y + HEIGHT / 2) for box in drawing.boxes}
    for arrow in drawing.arrows:
        x, y = re.match(r"M([\d.]+) ([\d.]+)", arrow.path).groups()
        assert (float(x), float(y)) in edges


def test_no_arrow_goes_missing_because_of_a_stage_that_had_nothing_to_do():
    reads = {"frames": [], "data": ["frames"], "flow": ["frames", "data"]}
    assert len(draw(reads, dict.fromkeys(reads, StageState(1, 1))).arrows) == 2
    arrows = draw(reads, {"frames": StageState(1, 1), "flow": StageState(1, 1)}).arrows
    assert len(arrows) == 3 and [arrow.idle for arrow in arrows].count(False) == 1


def test_what_has_nothing_to_do_is_idle_and_a_rejection_is_told():
    drawing = draw(READS, {"frames": StageState(2, 3, 1, "ann, bea, eve"), "matting": StageState(2, 3)})
    boxes = {box.name: box for box in drawing.boxes}
    assert boxes["frames"].count == "2 of 3, 1 rejected" and boxes["frames"].bad and "eve" in boxes["frames"].told
    assert not boxes["matting"].idle and boxes["cache"].idle and boxes["cache"].count == "not asked for"
    assert [arrow.idle for arrow in drawing.arrows].count(False) == 1


def test_the_projects_own_workflow_can_be_drawn(in_project):
    provenance.stages.cache_clear()
    found = provenance.stages()
    reads = {stage: [d.split("/")[-1] for d in entry["deps"] if "profile.work" in d] for stage, entry in found.items()}
    drawing = draw(reads, {})
    assert {box.name for box in drawing.boxes} == set(found)
    assert {arrow.path for arrow in drawing.arrows} == {arrow.path for arrow in draw(reads, {}).arrows}
