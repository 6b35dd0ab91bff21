import io
import itertools

import av
import cv2
import numpy as np
import pytest

from h2h.watermark.embed import Marker
from h2h.watermark.pattern import in_band, tiles
from h2h.watermark.read import Evidence, folded_spectrum, read_at, scales, synchronise, whitened

NUMBER = 0xDEADBEEF


@pytest.fixture(scope="module")
def talking(face):
    """A head that sways in front of a wall, 30 frames of 256 x 256, as encoded by `h2h.io.video_writer`."""
    wall = np.full((256, 256, 3), (40, 90, 200), np.uint8)
    frames = []
    for t in range(30):
        frame = wall.copy()
        left, top = 60 + round(12 * np.sin(t / 5)), 70 + round(5 * np.cos(t / 4))
        frame[top : top + 160, left : left + 140] = face[30:190, 50:190]
        frames.append(frame)
    return frames


@pytest.fixture(scope="module")
def marked(talking):
    marker = Marker(NUMBER, 256, 256)
    return encoded([marker.mark(frame) for frame in talking], 18)


def encoded(frames, quality):
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=20, options={"crf": str(quality), "preset": "fast"})
        stream.pix_fmt, (stream.height, stream.width) = "yuv420p", frames[0].shape[:2]
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def evidence(frames):
    gathered = Evidence()
    for frame in frames:
        gathered.add(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    return gathered


def scaled(frames, factor):
    return [cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) for frame in frames]


def cropped(frames):
    return [frame[12:242, 8:238] for frame in frames]


ATTACKS = {
    "CRF 23": (lambda f: encoded(f, 23), 1.0),
    "CRF 32": (lambda f: encoded(f, 32), 1.0),
    "half": (lambda f: encoded(scaled(f, 0.5), 23), 0.5),
    "cropped": (lambda f: encoded(cropped(f), 23), 1.0),
    "cropped and scaled": (lambda f: encoded([x[:160, :160] for x in scaled(cropped(f), 0.7)], 25), 0.7),
    "enlarged": (lambda f: encoded([cv2.resize(x, (460, 460)) for x in f[:12]], 25), 460 / 256),
    "one frame": (lambda f: f[:1], 1.0),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_mark_survives(marked, attack):
    change, scale = ATTACKS[attack]
    found = evidence(change(marked)).read()
    assert found is not None and found.number == NUMBER
    assert found.scale == pytest.approx(scale, rel=0.03) and found.confidence > 5


def test_nothing_is_found_where_nothing_is(talking, face):
    assert evidence(encoded(talking, 23)).read() is None
    assert evidence([face]).read() is None
    assert evidence([np.zeros((40, 60, 3), np.uint8)]).read() is None
    assert Evidence().read() is None


def test_another_number_is_another_number(talking):
    marker = Marker(7, 256, 256)
    assert evidence([marker.mark(frame) for frame in talking[:3]]).read().number == 7


def test_the_shift_is_that_of_the_crop(marked):
    whole, part = (whitened(evidence(frames[:4]).totals[1]) for frames in (marked, [f[16:, 40:] for f in marked]))
    assert synchronise(folded_spectrum(whole, 1.0))[1] == (0, 0)
    assert synchronise(folded_spectrum(part, 1.0))[1] == (128 - 16, 128 - 40)
    assert read_at(part, 1.0).number == NUMBER and read_at(part, 0.8) is None


def test_the_fast_correlation_is_the_plain_sum(marked):
    """Against cyclic shifts one by one, without FFT."""
    picture = whitened(evidence(marked[:2]).totals[1])
    whole = np.zeros((256, 256), np.float32)
    whole[:200, :230] = picture[:200, :230]
    spectrum = folded_spectrum(picture[:200, :230], 1.0)
    folded = sum(whole[i : i + 128, j : j + 128] for i in (0, 128) for j in (0, 128))
    plain = np.fft.fft2(folded)
    magnitude = np.abs(plain)
    white = np.fft.ifft2(plain * np.where(in_band(), magnitude**-0.6, 0)).real
    sums = np.array([[np.vdot(white, np.roll(tiles()[0], (i, j), (0, 1))) for j in range(0, 128, 16)] for i in (0, 5)])
    fast = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(tiles()[0])))
    assert np.allclose(fast[[0, 5]][:, ::16], sums, rtol=1e-3, atol=1e-3 * np.abs(sums).max())
    assert synchronise(spectrum)[0] == pytest.approx(fast.max() / fast.std(), rel=1e-4)


def test_scales_lie_close_enough():
    for side in (128, 768, 1920):
        tried = sorted(set(scales(side)))
        gaps = [b / a - 1 for a, b in itertools.pairwise(tried)]
        assert tried[0] <= 0.5 and 2 * tried[0] < tried[-1] and max(gaps) * side / 4 <= 1.01
