import av
import numpy as np
import pytest
from lists import HEIGHT, WIDTH, video

from h2h.collections.cutter import cut, region, take
from h2h.collections.span import Span
from h2h.errors import Rejected


def pictures(path):
    with av.open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate)
        return rate, [frame.to_ndarray(format="rgb24").astype(float) for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return video(tmp_path_factory.mktemp("whole") / "v.mp4", 60, 25)


@pytest.mark.parametrize(
    "box, reference, rows, columns",
    [
        (None, (1, 1), slice(0, 360), slice(0, 640)),
        ((0.25, 0.5, 0.75, 1.5), (1, 1), slice(180, 360), slice(160, 480)),  # fractions
        ((100, 45, 200, 145), (None, 180), slice(90, 290), slice(200, 400)),  # pixels of half the height
        ((100, 45, 200, 145), (1280, 720), slice(22, 72), slice(50, 100)),  # pixels of twice the size
        ((-500, -500, 33, 101), (640, 360), slice(0, 100), slice(0, 32)),  # over the border, odd sides
    ],
)
def test_region_in_pixels(box, reference, rows, columns):
    assert region(Span(0, 1, box, reference), WIDTH, HEIGHT) == (rows, columns)


@pytest.mark.parametrize("box", [(-500, 0, -400, 300), (0, 0, 31, 300), (9e4, 9e4, 9.1e4, 9.1e4)])
def test_a_box_outside_the_picture(box):
    with pytest.raises(Rejected, match="640 x 360"):
        region(Span(0, 1, box, (640, 360)), WIDTH, HEIGHT)


def test_frames_and_place_are_the_listed_ones(whole, tmp_path):
    cut(Span(1.0, 2.0, (0.25, 0.0, 0.75, 1.0)), whole, tmp_path / "out" / "c.mp4")
    rate, found = pictures(tmp_path / "out" / "c.mp4")
    assert rate == 25 and len(found) == 25 and found[0].shape == (360, 320, 3)
    numbers = [picture[..., 0].mean() / 2 for picture in found]
    np.testing.assert_allclose(numbers, np.arange(25, 50), atol=1.5)
    np.testing.assert_allclose(found[0][180, [5, -5], 1], [255 * 0.26, 255 * 0.74], atol=6)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["c.mp4"]


def test_the_rate_stays(tmp_path):
    source = video(tmp_path / "ntsc.mp4", 40, 30000 / 1001)
    cut(Span(0.5, 1.0), source, tmp_path / "c.mp4")
    rate, found = pictures(tmp_path / "c.mp4")
    assert rate == pytest.approx(29.97, abs=0.01) and len(found) == 15


def test_a_video_that_is_too_short_or_damaged_leaves_nothing(whole, tmp_path):
    with pytest.raises(Rejected, match="ends before 100"):
        cut(Span(100, 101), whole, tmp_path / "c.mp4")
    with pytest.raises(Rejected, match="covers"):
        cut(Span(0, 1, (0, 0, 0.01, 0.01)), whole, tmp_path / "c.mp4")
    assert not list(tmp_path.iterdir())


def test_a_clip_that_is_there_already_is_taken_as_it_is(whole, tmp_path):
    take(whole, tmp_path / "c.mp4")
    assert (tmp_path / "c.mp4").read_bytes() == whole.read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(Rejected, match=r"broken\.mp4"):
        take(broken, tmp_path / "d.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4", "c.mp4"]
