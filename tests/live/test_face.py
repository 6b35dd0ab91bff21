"""Finding a real face in whole frames, and staying with it."""

import numpy as np
import pytest

from h2h.live.face import FaceFinder, needs_window, search_windows, square_around


@pytest.fixture(scope="module")
def finder():
    finder = FaceFinder()
    yield finder
    finder.close()


def frame(face, x, y, width=960, height=540):
    """A wide frame with the face somewhere."""
    image = np.full((height, width, 3), 90, np.uint8)
    image[y : y + 256, x : x + 256] = face
    return image


def test_a_small_face_is_found_followed_lost_and_found_again(finder, face):
    finder.forget()
    places = [(600, 150), (604, 150), (608, 152)]
    seen = []
    for x, y in [places[0]] * 12 + places:
        seen.append(finder(frame(face, x, y)))
    found = [f for f in seen if f is not None]
    assert len(found) >= 4 and found[0].again and not any(f.again for f in found[1:])
    nose = np.array([found[-4].landmarks[30], found[-1].landmarks[30]])
    np.testing.assert_allclose(nose[1] - nose[0], (8, 2), atol=2.5)
    x0, y0, x1, y1 = found[-1].box
    assert 608 < x0 < x1 < 608 + 256 and 152 < y0 < y1 < 152 + 256

    blank = np.full((540, 960, 3), 90, np.uint8)
    assert [finder(blank) for _ in range(3)][-1] is None
    back = next(f for f in (finder(frame(face, 60, 200)) for _ in range(12)) if f is not None)
    assert back.again and 60 < back.box[0] < back.box[2] < 60 + 256


def test_a_face_that_walks_away_gets_another_window(finder, face):
    finder.forget()
    boxes = [finder(frame(face, x, 140)) for x in (300,) * 10 + tuple(range(300, 640, 34))]
    assert boxes[-1] is not None
    assert 606 < boxes[-1].box[0] < boxes[-1].box[2] < 606 + 256


def test_windows():
    box = np.array([100.0, 100, 200, 180])
    window = square_around(box)
    np.testing.assert_allclose(window, [40, 30, 220])
    assert not needs_window(box, window, 100)
    assert needs_window(box + 60, window, 100)
    assert needs_window(box, window, 60) and needs_window(box, window, 200)
    for shape in ((540, 960), (960, 540), (480, 480)):
        for x, y, side in search_windows(*shape):
            assert side > 0 and -shape[1] < x < shape[1] and -shape[0] < y < shape[0]
    assert len(search_windows(480, 480)) == len(search_windows(540, 960)) - 1
