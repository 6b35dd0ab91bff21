import av
import numpy as np
import pytest

from h2h.io.video_writer import side_by_side, write_video


@pytest.mark.parametrize("shape, wanted", [((64, 192), (256, 768)), ((300, 301), (300, 300))])
def test_what_is_written_can_be_read(tmp_path, shape, wanted):
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    frames = [np.full((*shape, 3), colour, np.uint8) for colour in colours]
    write_video(tmp_path / "film.mp4", iter(frames), 23.976)
    with av.open(str(tmp_path / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.height, stream.width) == wanted and stream.format.name == "yuv420p"
        assert stream.codec_context.name == "h264" and float(stream.average_rate) == pytest.approx(23.976, abs=1e-3)
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(shown) == 3
    for frame, colour in zip(shown, colours, strict=True):
        assert np.abs(frame.reshape(-1, 3).mean(0) - colour).max() < 12


def test_the_same_frames_give_the_same_bytes(tmp_path):
    frames = np.random.default_rng(0).integers(0, 255, (4, 64, 64, 3)).astype(np.uint8)
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, frames, 20)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_side_by_side():
    row = side_by_side(np.zeros((4, 4, 3), np.uint8), np.ones((4, 4, 3), np.uint8))
    assert row.shape == (4, 8, 3) and row[:, 4:].all() and not row[:, :4].any()
