import json

import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.h5 import writing
from h2h.io.video_writer import write_video
from h2h.stages.own_frames import own_frames


@pytest.fixture
def person(tmp_path):
    """Two clips of which the frames stage took every second, and the second and third frame."""
    videos = tmp_path / "videos"
    videos.mkdir()
    write_video(videos / "a.mp4", (np.full((256, 320, 3), 20 * i, np.uint8) for i in range(8)), 20)
    write_video(videos / "b.mp4", (np.full((256, 320, 3), 200 - 20 * i, np.uint8) for i in range(4)), 20)
    with writing(tmp_path / "frames.h5") as writer:
        file = writer.file
        file["clip"] = np.int32([0, 0, 0, 0, 1, 1])
        file["source_frame"] = np.int64([0, 2, 4, 6, 1, 2])
        file["time"] = np.arange(6) / 20
        file["crop"] = np.array([[1.0, 2, 100], [3.0, 4, 50]])
        file.attrs["fps"] = 20.0
        file.attrs["clips"] = json.dumps(["a.mp4", "b.mp4"])
    return tmp_path / "frames.h5", videos


def test_the_frames_that_rows_were_cut_from(person):
    with own_frames(*person, [5, 1, 3]) as own:
        assert [round(float(own.pictures[row].mean()), -1) for row in (1, 3, 5)] == [40, 120, 160]
        assert 0 not in own.pictures and own.pictures[1].shape == (256, 320, 3)
        assert own.crops[[3, 5]].tolist() == [[1, 2, 100], [3, 4, 50]]


def test_videos_that_are_gone_or_others(person):
    artifact, videos = person
    (videos / "b.mp4").unlink()
    with own_frames(artifact, videos, [0]) as own:
        assert 0 in own.pictures
    with pytest.raises(UserError, match=r"no longer holds b\.mp4"), own_frames(artifact, videos, [5]):
        pass
    write_video(videos / "a.mp4", [np.zeros((256, 320, 3), np.uint8)] * 3, 20)
    with pytest.raises(UserError, match=r"a\.mp4 has no frame at 0\.1 s any more"), own_frames(artifact, videos, [3]):
        pass
