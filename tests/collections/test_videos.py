import pytest

from h2h.collections.span import Entry
from h2h.collections.videos import Videos
from h2h.errors import UserError


def entry(whole=(), cut=()):
    return Entry("p", "v", "1", tuple(whole), tuple(cut), lambda: None)


def test_names_of_collections_and_of_download_tools(tmp_path):
    for name in (
        "dQw4w9WgXcQ.mp4", "A talk [bDxy7bnj_bc].mkv", "sub/An-old-talk-5ablueV_1tw.webm", "Radio11.mp4",
        "mp4/id00012/21Uxsk56VDQ/00001.mp4", "half.mp4.part", ".hidden.mp4",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    videos = Videos(tmp_path)
    for name, file in (
        ("dQw4w9WgXcQ", "dQw4w9WgXcQ.mp4"), ("bDxy7bnj_bc", "A talk [bDxy7bnj_bc].mkv"),
        ("5ablueV_1tw", "An-old-talk-5ablueV_1tw.webm"), ("Radio11", "Radio11.mp4"),
    ):  # fmt: skip
        found = videos.of(entry([name]))
        assert found.path.name == file and not found.cut
    found = videos.of(entry(["21Uxsk56VDQ"], ["id00012/21Uxsk56VDQ/00001"]))
    assert found.cut and found.path.name == "00001.mp4"
    for name in ("half.mp4", "half", ".hidden", "id00012", "../Radio11", "/etc/passwd"):
        assert videos.of(entry([name])) is None
    assert videos.of(entry(["other", "Radio11"], ["Radio11_0"])).path.name == "Radio11.mp4"


def test_a_folder_without_videos(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UserError, match="no video"):
            Videos(folder)
