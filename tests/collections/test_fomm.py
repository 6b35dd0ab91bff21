import pytest
from lists import fomm

from h2h.collections import fomm as form
from h2h.errors import Rejected, UserError

GOOD = ("WMh3ye5tBsE", 3657, 3994, "624-48-1018-553", "id10005")


def test_a_line_of_the_real_list(tmp_path):
    path = fomm(tmp_path / "vox-metadata.csv", [("bDxy7bnj_bc", 0, 9, "1-2-30-40", "id10003"), GOOD, GOOD])
    for root in (tmp_path, path):
        found = dict(form.find(root).people())
        assert list(found) == ["id10003", "id10005"] and len(found["id10005"]) == 2
    entry = found["id10005"][0]
    assert (entry.video, entry.clip, entry.whole) == ("WMh3ye5tBsE", "003657-003994", ("WMh3ye5tBsE",))
    span = entry.span()
    assert (span.start, span.end) == (3657 / 25, 3994 / 25) and span.reference == (1280, 720)
    assert span.box == (624 - 197, 48 - 252.5, 1018 + 197, 553 + 252.5)  # half the box on every side


def test_the_person_may_be_a_part_of_the_video(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("video_id,start,end,bbox,fps,width,height\nabc#id7,0,30,1-2-30-40,25,640,360\n")
    ((person, (entry,)),) = form.find(path).people()
    assert person == "id7" and entry.video == "abc"
    path.write_text("video_id,start,end,bbox,fps,width,height\nabc,0,30,1-2-30-40,25,640,360\n")
    with pytest.raises(UserError, match="person_id"):
        list(form.find(path).people())


@pytest.mark.parametrize(
    "start, end, box",
    [
        (10, 10, "1-2-30-40"), (-5, 10, "1-2-30-40"), (0, 1e9, "1-2-30-40"), ("nan", 9, "1-2-30-40"),
        (0, 30, "-1-2-30-40"), (0, 30, "30-2-1-40"), (0, 30, "1-2-30"), (0, 30, f"1-2-30-{10**400}"), (0, 30, ""),
    ],
)  # fmt: skip
def test_hostile_lines_are_refused(tmp_path, start, end, box):
    fomm(tmp_path / "l.csv", [("v", start, end, box, "p")])
    ((_, (entry,)),) = form.find(tmp_path).people()
    with pytest.raises(Rejected):
        entry.span()


def test_short_lines_and_other_tables(tmp_path):
    path = fomm(tmp_path / "l.csv", [GOOD])
    path.write_text(path.read_text() + "v#p\n")
    entry = dict(form.find(path).people())["p"][0]
    with pytest.raises(Rejected):
        entry.span()
    path.write_text("name,age\nx,1\n")
    assert form.find(path) is None and form.find(tmp_path) is None
