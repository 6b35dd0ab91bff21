"""The mesh detector follows a face, and after a reset knows nothing of it."""

import numpy as np
import pytest

from h2h.landmarks.mediapipe_mesh import MeshDetector


def test_after_a_reset_it_is_as_if_nothing_had_been_seen(face):
    moved = np.ascontiguousarray(np.roll(face, (12, 25), (0, 1)))
    with MeshDetector() as detector:
        fresh = detector(moved)
        detector.reset()
        again = [detector(face) for _ in range(4)]
        followed = detector(moved)
        detector.reset()
        after = detector(moved)
    assert again[-1] is not None
    np.testing.assert_array_equal(after.dense, fresh.dense)
    assert np.abs(followed.dense - fresh.dense).max() > 0  # it smooths what it follows


def test_many_resets_take_no_memory(face):
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    with MeshDetector() as detector:
        for _ in range(3):
            detector.reset()
            detector(face)
        before = process.memory_info().rss
        for _ in range(15):
            detector.reset()
            detector(face)
        assert process.memory_info().rss - before < 15e6
