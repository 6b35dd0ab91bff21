from dataclasses import replace

import numpy as np
import pytest

from h2h.reenactment.motion import drive, longest_run, own_frames
from h2h.render.hybrid import Parameters, transfer


def somebody(count, seed):
    rng = np.random.default_rng(seed)
    return Parameters(
        identity=rng.normal(size=5),
        expression=rng.normal(size=(count, 3)),
        scale=rng.uniform(0.9, 1.1, count),
        rotation=rng.normal(size=(count, 4)),
        translation=rng.normal(seed, 0.02, (count, 2)),
        gaze=rng.normal(size=(count, 2, 2)),
    )


SOURCE, TARGET = somebody(30, 1), somebody(12, 2)
CUT = np.repeat([0, 1], [20, 10])


def test_head_is_the_papers_transfer():
    driven = drive(SOURCE, CUT, 25, TARGET, 20, "head", smooth_frames=5)
    wanted = transfer(SOURCE, TARGET, "head", smooth_frames=5, segment=CUT)
    assert driven.own is None
    for key, value in vars(wanted).items():
        np.testing.assert_array_equal(getattr(driven.parameters, key), value)


def test_self_keeps_every_movement():
    far = replace(SOURCE, translation=SOURCE.translation * 10)
    driven = drive(far, CUT, 25, TARGET, 20, "self")
    np.testing.assert_allclose(np.diff(driven.parameters.translation, axis=0), np.diff(far.translation, axis=0))
    np.testing.assert_array_equal(driven.parameters.identity, TARGET.identity)


@pytest.mark.parametrize("mode", ["face", "expression"])
def test_the_target_keeps_its_pose_at_its_own_speed(mode):
    driven = drive(SOURCE, CUT, 30, TARGET, 15, mode)
    # two frames of the source for one of the target, there (0 to 11) and back
    assert driven.own.tolist()[:8] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert driven.own.max() == 11 and driven.own[-1] < 11
    np.testing.assert_array_equal(driven.parameters.rotation, TARGET.rotation[driven.own])
    np.testing.assert_array_equal(driven.parameters.translation, TARGET.translation[driven.own])
    np.testing.assert_array_equal(driven.parameters.expression, SOURCE.expression)
    whose = SOURCE.gaze if mode == "face" else TARGET.gaze[driven.own]
    np.testing.assert_array_equal(driven.parameters.gaze, whose)


def test_own_frames_never_leave_the_video():
    for length, count, step in [(1, 9, 0.7), (2, 9, 3.0), (7, 100, 0.33), (7, 100, 2.4)]:
        rows = own_frames(length, count, step)
        assert len(rows) == count and rows.min() >= 0 and rows.max() < length
        assert np.abs(np.diff(rows)).max(initial=0) <= np.ceil(step)


def test_longest_run():
    assert longest_run(np.array([0, 0, 1, 1, 1, 2])) == slice(2, 5)
    assert longest_run(np.array([4])) == slice(0, 1)
