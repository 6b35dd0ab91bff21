import itertools
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io import camera
from h2h.io.camera import camera_frames, played_frames
from h2h.io.video import VideoFrame
from h2h.io.video_writer import write_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Six frames at 30 a second, each brighter than the one before."""
    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    write_video(path, [np.full((256, 256, 3), 30 * i, np.uint8) for i in range(6)], 30)
    return path


def test_a_file_is_played_again_and_time_goes_on(clip):
    frames = list(itertools.islice(played_frames(clip, at_once=True), 14))
    assert [frame.number for frame in frames] == list(range(14))
    assert [frame.number for frame in frames if frame.cut] == [6, 12]
    np.testing.assert_allclose(np.diff([frame.time for frame in frames]), 1 / 30, atol=2e-3)
    np.testing.assert_allclose(frames[7].image, frames[1].image)
    assert len(list(played_frames(clip, again=False, at_once=True))) == 6


def test_a_file_is_played_at_its_own_rate(clip):
    began = time.monotonic()
    frames = list(played_frames(clip, again=False))
    for frame in frames:
        assert frame.captured - began >= frame.time - 0.01  # never early
    assert frames[0].image.shape == (256, 256, 3)


def test_a_folder_with_one_video_is_that_video(clip, tmp_path):
    (tmp_path / "identity.yaml").write_text("licence: CC0")
    with pytest.raises(UserError, match="holds no video"):
        played_frames(tmp_path)
    (tmp_path / "a.mp4").write_bytes(clip.read_bytes())
    frames = list(played_frames(tmp_path, again=False, at_once=True))
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(6) / 30, atol=2e-3)
    (tmp_path / "b.mp4").write_bytes(clip.read_bytes())
    with pytest.raises(UserError, match="holds 2 videos"):
        played_frames(tmp_path)


def test_pictures_are_played_25_a_second(tmp_path):
    for i in range(3):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((8, 8, 3), 50 * i, np.uint8))
    frames = list(itertools.islice(played_frames(tmp_path, at_once=True), 5))
    np.testing.assert_allclose([frame.time for frame in frames], np.arange(5) / 25)
    assert [frame.image.mean() for frame in frames] == [0, 50, 100, 0, 50]


def test_late_frames_are_left_out(clip):
    frames = played_frames(clip, again=False)
    next(frames)
    time.sleep(0.5)
    assert [frame for frame in frames if frame.time < 0.05] == []


def test_decoding_that_is_slower_than_the_clip_does_not_freeze_it(clip, monkeypatch):
    clock = SimpleNamespace(now=0.0)

    def sleep(seconds):
        clock.now += seconds

    def decoded(path):
        """A clip of 20 s at 30 frames a second; each takes twice its time."""
        for i in range(600):
            clock.now += 2 / 30
            yield VideoFrame(i, i / 30, np.zeros((8, 8, 3), np.uint8))

    monkeypatch.setattr(camera, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    monkeypatch.setattr(camera, "_decoded", decoded)
    frames = list(played_frames(clip, again=False))
    came = [frame.captured for frame in frames]
    assert max(np.diff(came)) < camera.STALL + 0.1 and came[-1] > 39
    assert len(frames) < 400  # late ones are still left out


def test_what_is_not_there(tmp_path):
    with pytest.raises(UserError, match="there is no camera 97") as error:
        camera_frames("97")
    assert "--file" in error.value.remedy
    with pytest.raises(UserError, match="is not there"):
        played_frames(tmp_path / "none.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(UserError, match="not a readable video"):
        played_frames(tmp_path / "broken.mp4")
