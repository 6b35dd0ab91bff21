"""What ends a live session, and what does not."""

import threading
import time
from datetime import datetime

import numpy as np
import pytest

from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.io.synthetic_video import SyntheticVideo
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


def test_nothing_changes_while_a_recording_begins(stream, tmp_path, monkeypatch):
    begins, go = threading.Event(), threading.Event()
    enter = SyntheticVideo.__enter__

    def slowly(film):
        begins.set()
        assert go.wait(60)
        return enter(film)

    monkeypatch.setattr(SyntheticVideo, "__enter__", slowly)
    told = []
    session = new_session(stream, tmp_path, tell=told.append)
    beginning = threading.Thread(target=session.record, args=(True,))
    beginning.start()
    assert begins.wait(60)
    for change in (lambda: session.set_background("transparent"), lambda: session.set_mode("face")):
        with pytest.raises(ValueError, match="stop the recording first"):
            change()
    go.set()
    beginning.join()
    session.stop()
    assert "there is no picture" in told[-1]
    session.set_mode("face")  # nothing is recorded any more


def test_pictures_from_before_the_background_was_chosen_are_not_recorded(stream, tmp_path, monkeypatch):
    told, shown, slow, recorded = [], [], threading.Event(), threading.Event()
    compose = stream._compose
    monkeypatch.setattr("h2h.live.session.OLDEST", 60.0)

    def late(work):
        compose(work)  # with the plate
        if work.number == 1:
            slow.set()
            assert recorded.wait(60)

    monkeypatch.setattr(stream, "_compose", late)
    session = new_session(stream, tmp_path, 20, tell=told.append, send=lambda picture: shown.append(picture.shape))
    session.start()
    assert slow.wait(60)
    session.set_background("transparent")
    session.record(True)
    recorded.set()
    assert session.ended.wait(60) and session.failure is None
    session.stop()
    assert {shape[2] for shape in shown} == {3, 4}
    assert told[-1].startswith("saved ") and told[-1].endswith(".webm")


def test_recordings_that_begin_in_the_same_second_are_all_kept(stream, tmp_path, monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls):
            return cls(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr("h2h.live.session.datetime", Clock)
    first, second = (new_session(stream, tmp_path) for _ in range(2))
    picture = np.zeros((32, 32, 3), np.uint8)
    for session in (first, second):
        session.record(True)
        session._recorder.add(picture, 0.0)
        session._recorder.add(picture, 0.5)  # it is being written
    for session in (first, second):
        session.record(False)
    first.record(True)
    first._recorder.add(picture, 0.0)
    first.record(False)
    stream.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"ann-20260102-030405{number}.mp4" for number in ("-2", "-3", "")
    ]


def test_the_stream_is_closed_whatever_becomes_of_the_recording(stream, tmp_path, monkeypatch):
    closed = []
    close = stream.close
    monkeypatch.setattr(stream, "close", lambda: (closed.append(True), close()))
    session = new_session(stream, tmp_path)
    session.record(True)
    monkeypatch.setattr("h2h.live.recording.Recording.close", lambda recording: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        session.stop()
    assert closed
