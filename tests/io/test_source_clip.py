import av
import cv2
import numpy as np
import pytest

from h2h.errors import Rejected, UserError
from h2h.io.source_clip import open_clip
from h2h.io.video_writer import write_video


def test_a_video_gives_all_frames_again_and_again(tmp_path):
    write_video(tmp_path / "c.mp4", (np.full((64, 64, 3), 5 * i, np.uint8) for i in range(30)), 24)
    clip = open_clip(tmp_path / "c.mp4", 25.0)
    assert (clip.fps, clip.promised, clip.sound) == (24.0, 30, False)
    for _ in range(2):
        assert [round(frame.mean() / 5) for frame in clip.frames()] == list(range(30))


def test_sound_is_noticed(tmp_path):
    with av.open(str(tmp_path / "s.mp4"), "w") as container:
        video, audio = container.add_stream("libx264", rate=25), container.add_stream("aac", rate=44100)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        silence.sample_rate = 44100
        container.mux(audio.encode(silence))
        container.mux([*video.encode(), *audio.encode()])
    assert open_clip(tmp_path / "s.mp4", 25.0).sound


def test_a_folder_of_pictures(tmp_path):
    for i in range(3):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((8, 8, 3), 50 * i, np.uint8))
    clip = open_clip(tmp_path, 12.5)
    assert clip.fps == 12.5 and not clip.sound
    assert [frame.mean() for frame in clip.frames()] == [0, 50, 100]


def test_what_is_no_video(tmp_path):
    with pytest.raises(UserError, match="is missing"):
        open_clip(tmp_path / "no.mp4", 25.0)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(Rejected, match="not a readable video"):
        open_clip(tmp_path / "text.mp4", 25.0)


def test_a_folder_with_videos(tmp_path):
    with pytest.raises(Rejected, match="holds no video"):
        open_clip(tmp_path, 25.0)
    write_video(tmp_path / "a.mp4", (np.zeros((64, 64, 3), np.uint8) for _ in range(3)), 24)
    assert open_clip(tmp_path, 25.0).path == tmp_path / "a.mp4"
    (tmp_path / "b.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    with pytest.raises(UserError, match=r"holds 2 videos: a\.mp4, b\.mp4"):
        open_clip(tmp_path, 25.0)
