"""The tracker of whole videos on a real face that wanders, leaves and comes back."""

import cv2
import numpy as np
import pytest

from h2h.config import load_params
from h2h.errors import Rejected
from h2h.reenactment.tracker import Tracker
from h2h.tracking.anny_head import build_anny_head

GONE = slice(14, 18)


@pytest.fixture(scope="module")
def tracked(face):
    params = load_params()
    model = build_anny_head(samples=100, identity=10, expression=10, seed=3)
    frames = [
        cv2.warpAffine(face, np.float32([[1, 0, 40 + 1.5 * t], [0, 1, 20]]), (400, 300), borderValue=(90, 90, 90))
        for t in range(24)
    ]
    for t in range(GONE.start, GONE.stop):
        frames[t] = np.full_like(frames[0], 90)
    told = []

    def progress(what, some):
        told.append(what)
        return some

    tracker = Tracker(model, params.frames.model_copy(update={"detect_every": 5}), params.tracking)
    return tracker(lambda: iter(frames), 12.0, progress), told, tracker


def test_every_frame_has_parameters_and_those_without_a_face_are_known(tracked):
    found, told, _ = tracked
    assert told == ["faces", "landmarks"]
    assert len(found.seen) == 24 and not found.seen[GONE].any() and found.seen[:13].all() and found.seen[19:].all()
    for value in vars(found.parameters).values():
        assert np.isfinite(value).all()


def test_the_motion_is_that_of_the_face(tracked):
    found, *_ = tracked
    x = found.parameters.translation[:, 0] * found.crop[2]
    moved = np.polyfit(np.flatnonzero(found.seen), x[found.seen], 1)[0]
    assert moved == pytest.approx(1.5, abs=0.15)
    inside = x[GONE]
    assert x[12] - 3 < inside.min() and inside.max() < x[20] + 3, "interpolated while it is away"


def test_the_first_frames(tracked):
    found, *_ = tracked
    part = found.first(7)
    assert len(part.seen) == len(part.segment) == len(part.parameters.scale) == 7
    assert len(found.first(None).seen) == 24


def test_nobody_is_refused(tracked):
    *_, tracker = tracked
    with pytest.raises(Rejected, match="there is no face in it") as error:
        tracker(lambda: iter([np.full((200, 300, 3), 90, np.uint8)] * 8), 25.0)
    assert "px wide" in error.value.remedy
