import numpy as np
import pytest
from lists import vox1, vox2, voxceleb

from h2h.collections import voxceleb as form
from h2h.collections.span import FRACTIONS
from h2h.errors import Rejected


def test_pixels_of_the_first_version(tmp_path):
    path = voxceleb(tmp_path / "txt", "id10001", "1zcIwhmdeo4", "00001", vox1(430, 479))
    span = form.parse(path.read_text())
    assert (span.start, span.end) == (430 / 25, 480 / 25)
    assert span.reference == (None, 360) and span.box == (160, -10, 430, 260)  # a face's side on every side
    collection = form.find(tmp_path)
    assert collection.title == "VoxCeleb1" and "CC BY 4.0" in collection.licence


def test_fractions_of_the_second_version(tmp_path):
    rows = [*vox2(161, 170), (171, 0.5, 0.2, 0.141, 0.25)]
    span = form.parse(voxceleb(tmp_path, "id00012", "21Uxsk56VDQ", "00001", rows).read_text())
    assert span.reference == FRACTIONS
    np.testing.assert_allclose(span.box, (0.391 - 0.141, 0.2 - 0.25, 0.5 + 2 * 0.141, 0.222 + 2 * 0.25))
    assert form.find(tmp_path).title == "VoxCeleb2"


def test_everybody_with_all_clips_in_order(tmp_path):
    for person, name, clip in [
        ("id2", "b", "00002"),
        ("id1", "z", "00001"),
        ("id2", "b", "00001"),
        ("id2", "a", "00007"),
    ]:
        voxceleb(tmp_path / "dev" / "txt", person, name, clip, vox1(0, 30))
    (tmp_path / "dev" / "txt" / "id2" / "b" / "notes.txt").write_text("hello")
    found = dict(form.find(tmp_path).people())
    assert {p: [(e.video, e.clip) for e in entries] for p, entries in found.items()} == {
        "id1": [("z", "00001")],
        "id2": [("a", "00007"), ("b", "00001"), ("b", "00002")],
    }
    entry = found["id1"][0]
    assert entry.whole == ("z",) and entry.cut == ("id1/z/00001",) and entry.span().end == 31 / 25


@pytest.mark.parametrize(
    "row",
    [
        (5, "nan", 1, 2, 3), (5, 1, 2, -3, 4), (5, 1, 2, 0, 4), (5, "inf", 1, 2, 3), (5, 1e30, 1, 2, 3),
        (2, 1, 2, 3, 4), (5, "x", 2, 3, 4), (10**30, 1, 2, 3, 4), (10**7, 1, 2, 3, 4), (5, 1, 2, "1e999", 4),
    ],
)  # fmt: skip
def test_hostile_lines_are_refused(tmp_path, row):
    path = voxceleb(tmp_path, "id1", "v", "00001", vox1(0, 3))
    path.write_text(path.read_text() + "\t".join(map(str, row)) + "\n")
    with pytest.raises(Rejected):
        form.parse(path.read_text())


@pytest.mark.parametrize("rows", [[(-5, 1, 2, 3, 4)], []])
def test_a_list_without_frames_or_before_the_video(tmp_path, rows):
    path = voxceleb(tmp_path, "id1", "v", "00001", vox1(0, 0))
    head = path.read_text().rsplit("\n", 2)[0]
    with pytest.raises(Rejected):
        form.parse(head + "\n" + "".join("{}\t{}\t{}\t{}\t{}\n".format(*row) for row in rows))


def test_what_is_no_list(tmp_path):
    assert form.find(tmp_path) is None
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "00001.txt").write_bytes(b"\xff\xfe\x00" * 100)
    assert form.find(tmp_path) is None
