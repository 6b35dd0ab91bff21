import pytest
from lists import hdtf

from h2h.collections import hdtf as form
from h2h.errors import Rejected


def test_people_clips_and_what_their_files_may_be_called(tmp_path):
    hdtf(tmp_path / "HDTF_dataset")
    found = dict(form.find(tmp_path).people())
    # a number at the end counts videos in WRA, not in RD; clips without a region are left out
    assert list(found) == ["AdamKinzinger", "Radio34"]
    assert [(e.video, e.clip) for e in found["Radio34"]] == [("Radio34", "0"), ("Radio34", "1")]
    first = found["Radio34"][1]
    assert first.whole == ("Radio34", "RD_Radio34", "mhCYrKWOnEQ") and first.cut == ("Radio34_1", "RD_Radio34_001")
    span = first.span()
    assert (span.start, span.end, span.reference) == (2, 3, (None, 180))
    assert span.box == (170, -20, 330, 140)
    assert [e.video for e in found["AdamKinzinger"]] == ["AdamKinzinger0", "AdamKinzinger1", "AdamKinzinger1"]
    with pytest.raises(Rejected, match="no sense"):
        found["AdamKinzinger"][1].span()


@pytest.mark.parametrize(
    "times, region, height",
    [
        ("00:10", "1 2 3 4", "720"), ("00:10-00:20", "1 2 3", "720"), ("00:10-00:20", "1 2 3 4", "high"),
        ("00:10-00:20", "1 -2 3 4", "720"), ("00:10-00:20", "1 2 nan 4", "720"), ("00:10-00:20", "1 2 3 4", "0"),
        ("00:00-99:00:00", "1 2 3 4", "720"), ("-1:00-00:20", "1 2 3 4", "720"), ("00:1e3-00:20", "1 2 3 4", "720"),
        (f"00:00-{'9' * 400}:00", "1 2 3 4", "720"), (f"00:00-{'9' * 5000}", "1 2 3 4", "720"),
    ],
)  # fmt: skip
def test_hostile_values_are_refused(times, region, height):
    with pytest.raises(Rejected):
        form.parse(times, region.split(), height)


def test_hours(tmp_path):
    assert form.parse("01:00:05-01:00:10", ["1", "2", "3", "4"], "720").start == 3605


def test_an_incomplete_collection_is_none(tmp_path):
    (hdtf(tmp_path) / "RD_crop_wh.txt").unlink()
    assert list(dict(form.find(tmp_path).people())) == ["AdamKinzinger"]
    (tmp_path / "WRA_resolution.txt").unlink()
    assert form.find(tmp_path) is None
