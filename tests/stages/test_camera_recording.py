import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.source_clip import open_clip
from h2h.io.video_writer import write_video
from h2h.stages.camera import record


def test_a_recording_is_a_clip_like_any_other(tmp_path):
    write_video(tmp_path / "camera.mp4", [np.full((256, 256, 3), 120, np.uint8)] * 400, 25)  # read as fast as it goes
    record(str(tmp_path / "camera.mp4"), 0.15, tmp_path / "r.mkv")
    clip = open_clip(tmp_path / "r.mkv", 25.0)
    frames = list(clip.frames())
    assert 1 <= len(frames) and abs(frames[0].mean() - 120) < 3


def test_a_camera_that_stops(tmp_path):
    write_video(tmp_path / "camera.mp4", [np.zeros((256, 256, 3), np.uint8)] * 5, 25)
    with pytest.raises(UserError, match="gives no picture any more"):
        record(str(tmp_path / "camera.mp4"), 60, tmp_path / "r.mkv")
    with pytest.raises(UserError, match="there is no camera 77"):
        record("77", 1, tmp_path / "r.mkv")
