import numpy as np
import pytest
from synthetic_video import SIZE, synthetic_video

from h2h.tracking.fit import fit_video
from h2h.tracking.head_model import FACE
from h2h.tracking.live import LiveTracker
from h2h.tracking.rotation import quaternion_to_matrix
from h2h.tracking.video_least_squares import Weights

WEIGHTS = Weights(3, 0.25, 0.5, 8, 3, 4)
T = 60
NO_IRIS = np.full((2, 5, 2), np.nan)


@pytest.fixture(scope="module")
def video(small_head):
    rng = np.random.default_rng(5)
    neutral = small_head.neutral(rng.normal(size=20) * small_head.identity_sigma).astype(np.float64)
    return synthetic_video(small_head, neutral, T, rng)


@pytest.fixture(scope="module")
def whole(small_head, video):
    """The fit of the whole video, which also gives the identity."""
    iris = np.repeat(NO_IRIS[None], T, axis=0)
    return fit_video(small_head, video.landmarks, iris, np.ones(T), np.zeros(T, int), WEIGHTS, 6, False, 0.25)


def track(model, whole, landmarks):
    tracker = LiveTracker(model, whole.identity, WEIGHTS, contour=False)
    return [tracker(points, NO_IRIS) for points in landmarks]


def motion(model, expression):
    vertices = np.unique(model.triangles[model.region == FACE])
    return np.tensordot(np.asarray(expression), model.expression_basis[:, vertices], 1)


def test_follows_like_the_fit_of_the_whole_video(small_head, video, whole):
    live = track(small_head, whole, video.landmarks)
    ours, theirs = motion(small_head, [f.expression for f in live]), motion(small_head, whole.expression)
    true = motion(small_head, video.expression)
    error = lambda x: np.sqrt(((x - x.mean(0) - true + true.mean(0))[3:] ** 2).sum(-1).mean())  # noqa: E731
    assert error(ours) < 2 * error(theirs)  # it cannot look ahead
    assert error(ours) < 0.5 * np.sqrt(((true - true.mean(0)) ** 2).sum(-1).mean())
    turn = np.einsum(
        "tij,tij->t", quaternion_to_matrix(np.stack([f.rotation for f in live])), quaternion_to_matrix(video.rotation)
    )
    assert np.median(np.rad2deg(np.arccos(np.clip((turn - 1) / 2, -1, 1)))) < 2
    assert np.abs(np.array([f.scale for f in live]) / video.scale - 1).max() < 0.08


def test_a_frame_with_misplaced_points_does_less_harm_than_it_says(small_head, video, whole):
    spoiled = video.landmarks.copy()
    spoiled[30, 20:40] += 30 / SIZE
    clean, live = (track(small_head, whole, x) for x in (video.landmarks, spoiled))
    apart = np.abs(motion(small_head, [live[30].expression]) - motion(small_head, [clean[30].expression])).max()
    later = np.abs(motion(small_head, [live[34].expression]) - motion(small_head, [clean[34].expression])).max()
    assert apart < 8 and later < 2.5  # mm; the points were moved by 26 mm
    assert live[30].residual > 3 * clean[30].residual


def test_bounds_hold(small_head, video, whole):
    tight = Weights(3, 0.25, 0.5, 8, 3, 0.5)
    tracker = LiveTracker(small_head, whole.identity, tight, contour=False)
    found = np.array([tracker(p, NO_IRIS).expression for p in video.landmarks[:10]]) / small_head.expression_sigma
    assert np.abs(found).max() <= 0.5 + 1e-6 and (np.abs(found) > 0.49).any()


def test_reset_forgets(small_head, video, whole):
    tracker = LiveTracker(small_head, whole.identity, WEIGHTS, contour=False)
    first = tracker(video.landmarks[0], NO_IRIS)
    for points in video.landmarks[1:20]:
        tracker(points, NO_IRIS)
    tracker.reset()
    again = tracker(video.landmarks[0], NO_IRIS)
    np.testing.assert_array_equal(first.expression, again.expression)
    np.testing.assert_array_equal(first.rotation, again.rotation)


def test_the_jaw_line_slides_and_gaze_stays_without_irises(small_head, video, whole):
    tracker = LiveTracker(small_head, whole.identity, WEIGHTS, contour=True)
    frames = [tracker(points, NO_IRIS) for points in video.landmarks[:5]]
    assert all(np.isfinite(f.expression).all() for f in frames)
    assert not np.array([f.gaze for f in frames]).any()


def test_landmarks_that_are_not_finite_are_refused(small_head, video, whole):
    points = video.landmarks[0].copy()
    points[4, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        LiveTracker(small_head, whole.identity, WEIGHTS)(points, NO_IRIS)


def test_it_recovers_from_a_frame_that_shows_no_face(small_head, video, whole):
    tracker = LiveTracker(small_head, whole.identity, WEIGHTS, contour=False)
    for points in video.landmarks[:20]:
        tracker(points, NO_IRIS)
    assert tracker(np.zeros((68, 2)), NO_IRIS).residual > 0.25
    after = [tracker(points, NO_IRIS) for points in video.landmarks[20:30]]
    assert max(f.residual for f in after) < 0.1
    np.testing.assert_allclose([f.scale for f in after], video.scale[20:30], rtol=0.1)
