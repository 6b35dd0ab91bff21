import av
import cv2
import numpy as np
import pytest
from PIL import Image

from h2h.errors import Rejected
from h2h.io.video import find_clips, sampled_frames
from h2h.io.video_writer import write_video


def ramp(count, size=(48, 64)):
    """Frames whose grey value tells their number."""
    for i in range(count):
        yield np.full((*size, 3), 4 * i, np.uint8)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "c.mp4"
    write_video(path, ramp(50), 25)
    return path


@pytest.mark.parametrize(("fps", "expected"), [(25, 50), (60, 50), (20, 40), (5, 10)])
def test_resampling_drops_and_never_repeats(clip, fps, expected):
    frames = list(sampled_frames(clip, fps))
    assert abs(len(frames) - expected) <= 1
    assert len({f.index for f in frames}) == len(frames)
    # each frame is the one that belongs to its time
    for frame in frames:
        assert abs(frame.image.mean() - 4 * frame.index) < 3
        assert frame.time == pytest.approx(frame.index / 25, abs=1e-3)


def test_24_to_20_keeps_20_a_second(tmp_path):
    path = tmp_path / "f.mp4"
    write_video(path, ramp(60), 24)
    assert len(list(sampled_frames(path, 20))) == 50


def test_variable_frame_rate_keeps_time(tmp_path):
    path = tmp_path / "v.mp4"
    times = [0, 1, 2, 10, 11, 30, 31, 32, 33]  # in 1/30 s
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i, t in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * i, np.uint8), format="rgb24")
            frame.pts = t
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    found = [frame.time for frame in sampled_frames(path, 60)]
    assert found == pytest.approx([t / 30 for t in times], abs=2e-3)


def test_rotation_of_phones_is_undone(tmp_path):
    upright, path = np.zeros((512, 256, 3), np.uint8), tmp_path / "r.mp4"
    upright[:200] = 255  # bright at the top
    plain = tmp_path / "p.mp4"
    write_video(plain, [np.rot90(upright, 1)] * 3, 25)
    data = bytearray(plain.read_bytes())
    # the track header's matrix: 90 degrees clockwise
    at = data.find(b"tkhd") + 4 + 40
    import struct

    data[at : at + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 256 << 16, 0, 1 << 30)
    path.write_bytes(data)
    image = next(iter(sampled_frames(path, 25))).image
    assert image.shape == (512, 256, 3)
    assert image[20].mean() > 200 > 50 > image[-20].mean()


@pytest.mark.parametrize("content", [b"", b"this is text, not a video\n" * 20])
def test_files_that_are_no_video(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(Rejected, match=r"x\.mp4"):
        list(sampled_frames(path, 20))


def test_truncated_file_is_named_with_the_second(clip):
    rng = np.random.default_rng(0)
    long = clip.with_name("long.mp4")
    write_video(long, (rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(100)), 25)
    data = long.read_bytes()
    long.write_bytes(data[: len(data) // 3])
    with pytest.raises(Rejected, match=r"long\.mp4 .* s"):
        list(sampled_frames(long, 20))


def test_folder_of_frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for i in range(5):
        cv2.imwrite(str(folder / f"{i:03d}.png"), np.full((20, 30, 3), 10 * i, np.uint8))
    assert find_clips(tmp_path) == [folder]
    assert find_clips(folder) == [folder]
    assert [round(f.image.mean()) for f in sampled_frames(folder, 10)] == [0, 10, 20, 30, 40]
    (folder / "._003.png").write_bytes(b"macOS leaves this behind")
    (folder / "003.png").write_bytes(b"broken")
    with pytest.raises(Rejected, match=r"003\.png \(frame 3\)"):
        list(sampled_frames(folder, 10))


def test_a_picture_is_of_the_formats_that_the_suffixes_name(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png", format="WEBP")
    with pytest.raises(Rejected, match=r"a\.png \(frame 0\) is not a readable picture"):
        list(sampled_frames(tmp_path, 10))


def test_empty_folder(tmp_path):
    with pytest.raises(Rejected, match="holds no video"):
        find_clips(tmp_path)
