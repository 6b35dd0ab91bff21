import pytest
from lists import fomm, hdtf, vox1, voxceleb

from h2h.collections.detect import find_collection
from h2h.errors import UserError


def test_each_format_is_found_by_its_files(tmp_path):
    voxceleb(tmp_path / "a", "id1", "v", "00001", vox1(0, 3))
    fomm(tmp_path / "b" / "vox-metadata.csv", [("v", 0, 9, "1-2-30-40", "p")])
    hdtf(tmp_path / "c")
    titles = [find_collection(tmp_path / name).title for name in "abc"]
    assert [title.split()[0] for title in titles] == ["VoxCeleb1", "VoxCeleb", "HDTF"]


def test_otherwise_it_says_what_was_looked_for(tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(UserError) as error:
        find_collection(tmp_path)
    for words in ("VoxCeleb", "bbox", "annotion_time"):
        assert words in str(error.value)
    with pytest.raises(UserError, match="missing"):
        find_collection(tmp_path / "none")
