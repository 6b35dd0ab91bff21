import numpy as np

from h2h.flow_data.expressions import LOWER_LIDS, UPPER_LIDS, blink, open_jaw
from h2h.flow_data.performance import BLINK, blinks, draw_performance, smooth_walk, turn_eyes
from h2h.tracking.gaze import gaze_angles, opening


def test_a_blink_closes_the_eyes_and_little_else(small_head):
    before = small_head.landmarks(small_head.mean)
    after = small_head.landmarks(small_head.with_expression(small_head.mean, blink(small_head)))
    for eye in (slice(36, 42), slice(42, 48)):
        assert opening(after[eye, :2]) < 0.3 * opening(before[eye, :2])
    others = np.setdiff1d(np.arange(68), UPPER_LIDS + LOWER_LIDS)
    assert np.linalg.norm(after - before, axis=1)[others].max() < 2  # mm


def test_the_jaw_opens_the_mouth(small_head):
    before = small_head.landmarks(small_head.mean)
    after = small_head.landmarks(small_head.with_expression(small_head.mean, open_jaw(small_head, 16.0)))
    gap = (after - before)[66, 1] - (after - before)[62, 1]
    assert 10 < gap < 24 and np.abs((after - before)[[27, 30, 36, 45]]).max() < 2


def test_motions_are_smooth_bounded_and_repeatable(small_head):
    one, again = (draw_performance(small_head, 40, np.random.default_rng(5)) for _ in range(2))
    for key, value in vars(one).items():
        np.testing.assert_array_equal(value, getattr(again, key))
    assert one.expression.shape == (40, 30) and one.gaze.shape == (40, 2) and one.shift.shape == (40, 3)
    np.testing.assert_allclose(
        one.rotation @ np.moveaxis(one.rotation, 1, 2), np.tile(np.eye(3), (40, 1, 1)), atol=1e-9
    )
    walk = smooth_walk(np.random.default_rng(0), 600, 4)
    assert walk.shape == (600, 4) and 0.6 < walk.std() < 1.3
    assert np.abs(np.diff(walk, axis=0)).mean() < 0.35 * walk.std()


def test_blinks_close_over_a_few_frames_and_leave_the_eyes_open_in_between():
    closed = blinks(np.random.default_rng(0), 2000)
    assert closed.min() == 0 and closed.max() == 1 and 0.1 < (closed > 0).mean() < 0.4
    starts = np.flatnonzero((closed[1:] > 0) & (closed[:-1] == 0)) + 1
    np.testing.assert_array_equal(closed[starts], np.full(len(starts), BLINK[0]))


def test_eyes_turn_about_their_centres_and_nothing_else_moves(small_head):
    shape = small_head.mean.astype(np.float64)
    gaze = np.array([0.3, -0.2])
    turned = turn_eyes(small_head, shape, gaze)
    before, after = small_head.eyes(shape), small_head.eyes(turned)
    np.testing.assert_allclose(after.centre, before.centre, atol=1e-9)
    look = lambda points: points[small_head.iris].mean(axis=1) - before.centre  # noqa: E731
    np.testing.assert_allclose(gaze_angles(look(turned)) - gaze_angles(look(shape)), [gaze, gaze], atol=0.03)
    still = np.setdiff1d(np.arange(len(shape)), small_head.eyeball)
    np.testing.assert_array_equal(turned[still], shape[still])
