"""A frame that is older than a second is not shown."""

import time

import numpy as np

from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.live.session import OLDEST, Session
from h2h.live.streaming import StreamingReenactment


def test_frames_that_come_too_late_are_withheld_and_counted(ann, tmp_path):
    shown = []

    def frames():
        for t in range(12):
            time.sleep(0.1)
            late = 2 * OLDEST if t < 6 else 0
            yield Captured(t, time.monotonic() - late, t / 10, np.zeros((64, 64, 3), np.uint8))

    stream = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    source = Ingredient("source", None, "camera")
    session = Session(stream, frames(), source, tmp_path, show=lambda message, captured: shown.append(captured))
    session.start()
    assert session.ended.wait(60) and session.failure is None
    found = session.statistics.summary()
    session.stop()
    assert found["withheld"] > 0 and found["frames"] == len(shown) > 0
    assert found["oldest"] <= 1000 * OLDEST
