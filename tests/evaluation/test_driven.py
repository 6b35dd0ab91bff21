import numpy as np
import pytest

from h2h.evaluation.driven import similarities_to
from h2h.evaluation.refit import Seen


def test_some_of_the_frames_with_a_face_are_compared_with_people():
    found = np.array([False, True, True, True, False, True])
    landmarks = np.zeros((6, 68, 2), np.float32)
    landmarks[:, 0, 0] = np.arange(6)
    seen = Seen(landmarks, np.zeros((6, 2, 5, 2)), np.zeros((6, 468, 2)), found, np.zeros(6, int))
    people = {"person": np.array([1.0, 0]), "source": np.array([0.0, 5])}

    def identity(picture, points):
        assert picture == 10 * points[0, 0]  # the frame's own landmarks
        return np.array([3.0, 4.0])

    similar = similarities_to(people, seen, 6, lambda i: 10 * i, identity, faces=2)
    assert np.flatnonzero(np.isfinite(similar["person"])).tolist() == [1, 5]
    assert similar["person"][5] == pytest.approx(0.6) and similar["source"][1] == pytest.approx(0.8)
    every = similarities_to(people, seen, 6, lambda i: 10 * i, identity, faces=50)
    assert (np.isfinite(every["source"]) == found).all()
    nobody = similarities_to(people, None, 6, lambda i: 10 * i, identity, faces=50)
    assert np.isnan(nobody["person"]).all()
