"""A real face drives a person whose network is random: what is tested is what happens when."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from h2h.live.pipeline import Pipeline
from h2h.live.streaming import StreamingReenactment, Work

STAGES = ["landmarks", "fit", "nmfc", "generator", "composite"]
BLANK = np.full((300, 420, 3), 120, np.uint8)


def frame(face, x=80):
    image = BLANK.copy()
    image[20:276, x : x + 256] = face
    return image


@pytest.fixture
def stream(ann):
    stream = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    yield stream
    stream.close()


def test_a_face_comes_goes_and_comes_back(stream, ann, face):
    none = stream.step(BLANK, 0.0)
    assert none.missing == np.inf and none.motion is None and list(none.spent) == STAGES
    assert (none.picture <= np.maximum(ann.plate, 1)).all()  # nobody: the background, darker

    there = [stream.step(frame(face, 80 + t), 0.05 * (t + 1)) for t in range(5)]
    last = there[-1]
    assert last.missing == 0 and last.found and last.drawn.nmfc.any()
    assert last.picture.shape == (32, 32, 3) and last.picture.dtype == np.uint8
    assert any((a.picture != b.picture).any() for a, b in itertools.pairwise(there))

    gone = [stream.step(BLANK, 0.25 + dt) for dt in (0.2, 0.7, 2.0)]
    assert [round(w.missing, 2) for w in gone] == [0.2, 0.7, 2.0]
    for work in gone:
        np.testing.assert_array_equal(work.frame, last.frame)  # the last pose is held
    np.testing.assert_array_equal(gone[0].picture, last.picture)
    assert last.picture.mean() > gone[1].picture.mean() > gone[2].picture.mean() > 0

    back = [stream.step(frame(face, 120), 3 + t / 20) for t in range(8)]
    found = [w for w in back if w.found]
    assert found and found[0].found.again and found[-1].missing == 0


def test_mode_and_background_change_while_it_runs(stream, ann, face):
    stream.step(frame(face), 0.0)
    stream.mode, stream.background = "face", None
    work = stream.step(frame(face), 0.05)
    assert (work.motion.rotation == ann.parameters.rotation).all(axis=1).any()  # her own pose
    assert work.picture.shape == (32, 32, 4)
    with pytest.raises(ValueError, match="none of"):
        stream.mode = "body"
    assert stream.calibrating == "first"
    stream.calibrate()
    assert stream.calibrating == "asked"


def test_her_own_pose_never_jumps_across_a_cut(stream, ann, face):
    run = ann.parameters.translation[ann.segment == 1]
    assert len(run) > (ann.segment == 0).sum() > 0
    stream.mode = "face"
    places = [stream.step(frame(face), t / 20).motion.translation for t in range(len(run))]
    np.testing.assert_array_equal(places, run)


def test_the_network_forgets_at_a_cut_and_when_a_face_comes_back(stream, face, monkeypatch):
    forgotten = []
    monkeypatch.setattr(stream._draw, "reset", lambda: forgotten.append(number))
    for number, image in enumerate([frame(face)] * 3 + [BLANK] + [frame(face)] * 3):
        work = stream.step(image, number / 20, cut=number == 2)
        assert (work.found is None) == (number == 3)
    assert forgotten == [0, 2, 4]


def test_threads_draw_what_one_after_the_other_does(ann, face):
    frames = [Work(t, 0.0, t / 20, frame(face, 80 + 2 * t)) for t in range(8)]
    first = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    wanted = [first.step(w.image, w.time).picture for w in frames]
    first.close()
    second = StreamingReenactment(ann, background=ann.plate, threads=1, runtime="onnxruntime-f32")
    pipeline = Pipeline(frames, second.stages, latest=False)
    pipeline.start()
    found = list(iter(lambda: pipeline.take(20), None))
    pipeline.stop()
    second.close()
    assert [w.number for w in found] == list(range(8)) and list(found[0].spent) == STAGES
    for work, picture in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(work.picture, picture)


def test_live_use_needs_no_torch():
    code = "import sys; sys.modules['torch'] = None; import h2h.live.streaming, h2h.live.pipeline, h2h.io.camera"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
