from fractions import Fraction

import av
import numpy as np
import pytest

from h2h.errors import Rejected, UserError
from h2h.io.video import sampled_frames
from h2h.io.video_span import open_span
from h2h.io.watermarked_video import read_watermark


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """120 frames whose grey value tells their number, at 25 a second, a key frame every 12."""
    path = tmp_path_factory.mktemp("span") / "c.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "12", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for i in range(120):
            picture = np.full((64, 64, 3), 2 * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def numbers(path, start, end):
    with open_span(path, start, end) as (rate, frames):
        return rate, [round(float(frame.mean()) / 2) for frame in frames]


@pytest.mark.parametrize("start, end", [(0, 1), (1.0, 1.4), (2.04, 4.0), (3.999, 4.081), (0, 100)])
def test_exactly_the_frames_of_the_span(clip, start, end):
    rate, found = numbers(clip, start, end)
    wanted = [i for i in range(120) if start - 5e-4 <= i / 25 < end - 5e-4]
    assert rate == 25 and len(found) == len(wanted)
    assert np.abs(np.array(found) - wanted).max() <= 1  # grey values are coded with a loss


def test_after_the_end_there_is_nothing(clip):
    assert numbers(clip, 60, 70)[1] == []


def test_seeking_gives_what_decoding_everything_gives(clip):
    with open_span(clip, 3.5, 4.5) as (_, frames):
        fast = list(frames)
    slow = [frame.image for frame in sampled_frames(clip, 240) if 3.5 <= frame.time < 4.5]
    np.testing.assert_array_equal(fast, slow)


def test_gaps_and_crowds_keep_the_time(tmp_path):
    path = tmp_path / "v.mp4"
    times = [0, 1, 2, 3, 4, 5, 6, 10, 11, 11.4, 12, 13, 14, 15, 16, 17, 18, 19]  # in 1/25 s
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for i, t in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 10 * i, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(t * 40), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with open_span(path, 0, 10) as (rate, frames):
        shown = [round(float(frame.mean()) / 10) for frame in frames]
    wanted = [int(np.searchsorted(times, t * 25 / rate + 0.5, side="left")) - 1 for t in range(len(shown))]
    assert abs(len(shown) - 20 * rate / 25) <= 1.5 and np.abs(np.array(shown) - wanted).max() <= 1
    assert shown == sorted(shown)


@pytest.mark.parametrize("content", [b"", b"text, no video\n" * 20])
def test_what_is_no_video(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(Rejected, match=r"x\.mp4"), open_span(path, 0, 1):
        pass


def test_sound_alone(tmp_path):
    path = tmp_path / "s.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(Rejected, match="no video stream"), open_span(path, 0, 1):
        pass


def test_pictures_that_are_too_large_are_not_decoded(clip, monkeypatch):
    monkeypatch.setattr("h2h.io.video.MOST_PIXELS", 64 * 64 - 1)
    with pytest.raises(Rejected, match="has 64 x 64 pixels"):
        numbers(clip, 0, 1)
    with pytest.raises(UserError, match="has 64 x 64 pixels"):
        read_watermark(clip)


def test_a_codec_that_nobody_knows(clip, tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz"))
    for read in (lambda: numbers(path, 0, 1), lambda: next(sampled_frames(path, 20)), lambda: read_watermark(path)):
        with pytest.raises(Rejected, match=r"x\.mp4 is encoded in a way that is not known") as error:
            read()
        assert "H.264" in error.value.remedy
