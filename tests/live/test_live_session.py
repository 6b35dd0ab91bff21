"""What ends a live session, and what does not."""

import time

import numpy as np
import pytest

from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.live.session import Session
from h2h.live.streaming import StreamingReenactment


def frames(count=10**9):
    """Frames without a face."""
    for t in range(count):
        yield Captured(t, time.monotonic(), t / 20, np.zeros((64, 64, 3), np.uint8))
        time.sleep(0.05)


@pytest.fixture
def stream(ann):
    return StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")


def new_session(stream, folder, count=10**9, **more):
    return Session(stream, frames(count), Ingredient("source", None, "camera"), folder, **more)


def test_a_stage_that_fails_while_a_frame_is_shown_is_told(stream, tmp_path, monkeypatch):
    def look(work):
        if work.number:
            raise RuntimeError("out of order")

    def show(message, captured):
        while not session._pipeline.ended:
            time.sleep(0.01)

    monkeypatch.setattr(stream, "_look", look)
    session = new_session(stream, tmp_path, show=show)
    session.start()
    assert session.ended.wait(60) and "out of order" in str(session.failure)
    session.stop()
