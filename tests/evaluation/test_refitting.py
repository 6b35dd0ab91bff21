"""Synthetic videos of the head model, whose truth is known, through the pipeline's own fit."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "tracking"))
from synthetic_video import synthetic_video

from h2h.config import load_params
from h2h.evaluation.face_shape import aligned_rms
from h2h.evaluation.motion_errors import KEYS, Watched, own_fit
from h2h.evaluation.motion_errors import motion_errors as errors_of
from h2h.evaluation.refit import Seen, Watch, gather, of_person, refit
from h2h.evaluation.refitted_shape import mean_shape, refitted_shape
from h2h.tracking.camera import project

COUNT = 24
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings():
    found = load_params(ROOT / "params.yaml").tracking
    return found.model_copy(update={"dense_weight": 0.0, "alternations": 3})


def watched(model, video, landmarks, identity, found=None):
    nothing = np.full((COUNT, 2, 5, 2), np.nan, np.float32), np.full((COUNT, 468, 2), np.nan, np.float32)
    found = np.ones(COUNT, bool) if found is None else found
    return Watched(Seen(landmarks.astype(np.float32), *nothing, found, np.zeros(COUNT, int)), identity)


@pytest.fixture(scope="module")
def people(small_head):
    rng = np.random.default_rng(7)
    return [rng.normal(size=20) * small_head.identity_sigma for _ in range(2)]


@pytest.fixture(scope="module")
def video(small_head, people):
    return synthetic_video(small_head, small_head.neutral(people[0]), COUNT, np.random.default_rng(1), noise=0.0)


def motion_errors(model, settings, real, fake, count):
    return errors_of(model, settings, own_fit(model, settings, real), real, fake, count)


def drawn(model, neutral, expression, scale, rotation, translation):
    shapes = neutral + np.tensordot(expression, model.expression_basis, 1)
    return project(model.landmarks(shapes), scale, rotation, translation)[..., :2]


def test_a_fixed_identity_stays(small_head, settings, people, video):
    seen = watched(small_head, video, video.clean, people[0]).seen
    fit = refit(of_person(small_head, people[0]), settings, seen)
    shape = of_person(small_head, people[0]).neutral(fit.identity)
    assert np.abs(shape - small_head.neutral(people[0])).max() < 1e-3 and fit.tracked.all()


def test_equal_videos_have_no_errors_and_others_their_own(small_head, settings, people, video):
    real = watched(small_head, video, video.clean, people[0])
    errors = motion_errors(small_head, settings, real, real, COUNT)
    assert set(errors) == set(KEYS)
    for key in ("face_missed", "keypoint_distance", "rotation_error", "expression_error", "eye_opening_error"):
        assert errors[key] == pytest.approx([0] * COUNT, abs=1e-5)

    half, still = np.deg2rad(6) / 2, np.zeros(COUNT)
    roll = np.stack([still + np.cos(half), still, still, still + np.sin(half)], axis=1)  # 6 degrees in the picture
    turned = _product(roll, video.rotation)
    neutral = small_head.neutral(people[0])
    points = drawn(small_head, neutral, video.expression, video.scale, turned, video.translation)
    found = np.arange(COUNT) % 6 != 0
    fake = watched(small_head, video, points, people[0], found)
    errors = motion_errors(small_head, settings, real, fake, COUNT)
    assert np.nanmean(errors["rotation_error"]) == pytest.approx(6, abs=0.5)
    assert np.nanmean(errors["eye_opening_error"]) < 1e-3 and np.nanmean(errors["expression_error"]) < 0.3
    assert (errors["face_missed"] == np.where(found, 0, 100)).all()
    assert (np.isnan(errors["keypoint_distance"]) == ~found).all()


def test_a_frozen_face_has_the_expressions_as_its_error(small_head, settings, people, video):
    real = watched(small_head, video, video.clean, people[0])
    frozen = np.broadcast_to(video.expression[:1], video.expression.shape)
    neutral = small_head.neutral(people[0])
    points = drawn(small_head, neutral, frozen, video.scale, video.rotation, video.translation)
    errors = motion_errors(small_head, settings, real, watched(small_head, video, points, people[0]), COUNT)
    assert errors["rotation_error"].mean() < 1.5
    assert errors["expression_error"][0] < 0.6 * errors["expression_error"].mean()
    assert errors["eye_opening_error"].mean() > 0.01


def test_without_a_face_nothing_is_made_up(small_head, settings, people, video):
    real = watched(small_head, video, video.clean, people[0])
    nobody = Watched(None, people[0])
    errors = motion_errors(small_head, settings, real, nobody, COUNT)
    assert (errors["face_missed"] == 100).all() and np.isnan(errors["rotation_error"]).all()
    assert all(np.isnan(values).all() for values in motion_errors(small_head, settings, nobody, real, COUNT).values())
    assert refitted_shape(small_head, settings, None) is None
    few = replace(real.seen, found=np.arange(COUNT) < 3)
    assert refit(small_head, settings, few) is None


def test_the_shape_is_that_of_whoever_is_shown(small_head, settings, people):
    """A result with the source's face shape is nearer to the source, as drawn landmarks give (FS Fig. 5)."""
    own = [synthetic_video(small_head, small_head.neutral(p), COUNT, np.random.default_rng(1), 0.2) for p in people]
    for shown in (0, 1):
        seen = watched(small_head, own[shown], own[shown].landmarks, people[shown])
        motion = own_fit(small_head, settings, seen)
        shape = refitted_shape(small_head, settings, seen.seen, runs=3)
        mine, other = (shape.distance("shape", small_head, people[i], motion) for i in (shown, 1 - shown))
        apart = aligned_rms(
            *(mean_shape(small_head, p, own[shown].expression) for p in (people[shown], people[1 - shown]))
        )
        assert mine["shape"] < 0.6 * other["shape"] and other["shape"] == pytest.approx(apart, rel=0.4)
        share = shape.share("share", small_head, *people, motion)
        assert share["share"] == pytest.approx(shown, abs=0.3) and set(share) == {"share", "share_interval"}
        assert shape.share("share", small_head, people[0], people[0], motion) == {}  # no way between equal faces
        low, high = mine["shape_interval"]
        assert low < mine["shape"] < high
        assert set(
            refitted_shape(small_head, settings, seen.seen, runs=0).distance("shape", small_head, people[0], motion)
        ) == {"shape"}


def test_an_expression_that_never_ends_is_no_other_shape(small_head, people):
    """What a fit moves from the identity to all frames' expressions changes nothing."""
    rng = np.random.default_rng(0)
    expression = rng.normal(size=(5, 30)) * small_head.expression_sigma
    shape = mean_shape(small_head, people[0], expression)
    assert mean_shape(small_head, people[0], expression[[0, 0, 1, 2, 3, 4, 1, 2, 3, 4]]) == pytest.approx(
        shape, abs=1e-3
    )
    turned = 2.5 * shape @ np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]) + 30
    assert aligned_rms(turned, shape) == pytest.approx(0, abs=1e-3)
    assert aligned_rms(mean_shape(small_head, people[1], expression), shape) > 1


def test_the_shape_is_that_of_the_mean_expression(small_head, people):
    identity = people[0]
    moved = np.linspace(-1, 1, len(small_head.expression_sigma)) * small_head.expression_sigma
    neutral = mean_shape(small_head, identity, np.zeros((1, len(moved))))
    np.testing.assert_allclose(mean_shape(small_head, identity, np.stack([moved, -moved])), neutral, atol=1e-6)
    assert np.abs(mean_shape(small_head, identity, moved[None]) - neutral).max() > 0.1


def test_runs_left_out_are_not_joined():
    seen = Seen(*(np.zeros((6, 1)) for _ in range(3)), np.ones(6, bool), np.array([0, 0, 0, 0, 1, 1]))
    kept = seen.kept(np.array([True, False, True, True, True, True]))
    assert len(kept.found) == 5 and len(set(kept.segment.tolist())) == 3
    assert kept.segment[1] == kept.segment[2] != kept.segment[3] == kept.segment[4]


def test_frames_without_a_face_are_filled_and_said(face):
    nobody = np.zeros_like(face)
    with Watch("mediapipe", 0.5, 0) as watch:
        for segment, frame in enumerate((nobody, face, face, nobody)):
            watch.push(frame, segment)
        seen = watch.seen()
    assert seen.found.tolist() == [False, True, True, False]
    assert (seen.landmarks[0] == seen.landmarks[1]).all() and seen.dense.shape == (4, 468, 2)
    assert gather([None, None], np.zeros(2), 0.5, 0) is None


def _product(a, b):
    w, v, x, u = a[:, :1], a[:, 1:], b[:, :1], b[:, 1:]
    return np.concatenate([w * x - (v * u).sum(axis=1, keepdims=True), w * u + x * v + np.cross(v, u)], axis=1)
