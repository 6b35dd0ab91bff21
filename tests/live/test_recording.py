import time

import numpy as np
import pytest

from h2h.io.camera import Captured
from h2h.io.record import Ingredient
from h2h.io.synthetic_video import SyntheticVideo
from h2h.live.recording import Recording
from h2h.live.session import Session
from h2h.live.streaming import StreamingReenactment


def test_an_even_rate_from_pictures_that_come_when_they_come():
    film = []
    recording = Recording(film, 10)
    for picture, at in (("a", 5.0), ("b", 5.1), ("c", 5.12), ("d", 5.19), ("e", 5.55)):
        recording.add(picture, at)
    recording.close()
    recording.close()
    assert film == ["a", "d", "d", "d", "d", "e"]
    assert recording.frames == 6


def test_nothing_was_recorded():
    film = []
    Recording(film, 10).close()
    assert film == []


@pytest.fixture
def session(ann, tmp_path):
    """Some frames without a face."""
    told = []

    def frames():
        for t in range(12):
            time.sleep(0.1)
            yield Captured(t, time.monotonic(), t / 10, np.zeros((64, 64, 3), np.uint8))

    stream = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    session = Session(stream, frames(), Ingredient("source", None, "camera"), tmp_path / "films", tell=told.append)
    session.told = told
    yield session
    session.stop()


def test_a_disk_that_is_full_ends_the_recording_and_not_the_stream(session, monkeypatch, tmp_path):
    def full(self, picture):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SyntheticVideo, "append", full)
    session.record(True)
    session.start()
    assert session.ended.wait(60) and session.failure is None
    session.record(False)
    assert any("No space left" in line for line in session.told) and not list((tmp_path / "films").iterdir())


def test_a_folder_that_cannot_be_written(session, tmp_path):
    (tmp_path / "films").write_text("a file")
    session.record(True)
    assert session.told and "films" in session.told[0]
    session.set_mode("face")  # nothing is recorded, so nothing is locked


def test_what_is_recorded_when_it_ends_is_completed(session, tmp_path):
    session.record(True)
    session.start()
    assert session.ended.wait(60)
    session.record(False)
    assert [path.suffix for path in (tmp_path / "films").iterdir()] == [".mp4"] and "saved" in session.told[-1]
