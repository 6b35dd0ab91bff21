"""Each error of the refitted motion, on cases whose answer is known."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from h2h.evaluation.expression_error import expression_error
from h2h.evaluation.eye_opening_error import eye_opening_error, openings
from h2h.evaluation.face_shape import aligned_rms, face_vertices, shape_share
from h2h.evaluation.gaze_error import gaze_error
from h2h.evaluation.identity_similarity import cosine
from h2h.evaluation.keypoint_distance import keypoint_distance
from h2h.evaluation.rotation_error import rotation_error


def test_cosine():
    a = np.array([[1.0, 0], [3, 4], [1, 0]])
    assert cosine(a, np.array([[2.0, 0], [4, 3], [-5, 0]])) == pytest.approx([1, 0.96, -1])
    assert cosine(a, np.array([0.0, 2])) == pytest.approx([0, 0.8, 0])


def test_keypoints_in_percent_of_the_eyes_distance():
    real = np.random.default_rng(0).uniform(size=(3, 68, 2)).astype(np.float32)
    real[:, 36], real[:, 45] = (0.3, 0.4), (0.7, 0.4)
    fake = real + np.array([0.03, 0.04])  # by 0.05, the eyes being 0.4 apart
    assert keypoint_distance(real, fake) == pytest.approx([12.5] * 3, rel=1e-4)
    assert keypoint_distance(2 * real, 2 * fake) == pytest.approx([12.5] * 3, rel=1e-4)
    fake = real.copy()
    fake[1, 10, 0] += 0.68  # one of 68 points
    assert keypoint_distance(real, fake) == pytest.approx([0, 2.5, 0], abs=1e-4)


@pytest.mark.parametrize("degrees", [0.0, 1e-4, 0.5, 30, 179.9, 180])
def test_rotation_is_the_angle_between_poses(degrees):
    rng = np.random.default_rng(1)
    pose = Rotation.random(5, random_state=2)
    axis = rng.normal(size=(5, 3))
    turn = Rotation.from_rotvec(np.deg2rad(degrees) * axis / np.linalg.norm(axis, axis=1, keepdims=True))
    real, fake = (r.as_quat(scalar_first=True) for r in (pose, turn * pose))
    assert rotation_error(real, fake) == pytest.approx([degrees] * 5, abs=1e-6)
    assert rotation_error(-3 * real, fake) == pytest.approx([degrees] * 5, abs=1e-6)


def test_expression_is_the_skins_displacement(small_head):
    rng = np.random.default_rng(0)
    real, fake = (rng.normal(size=(4, 30)) * small_head.expression_sigma for _ in range(2))
    face = face_vertices(small_head)
    neutral = small_head.mean.astype(float)
    moved = [np.stack([small_head.with_expression(neutral, one) for one in many])[:, face] for many in (real, fake)]
    expected = np.sqrt(((moved[0] - moved[1]) ** 2).sum(-1).mean(-1))
    assert expression_error(small_head, real, fake) == pytest.approx(expected, rel=1e-4)
    assert expression_error(small_head, real, real) == pytest.approx([0] * 4)


def test_eye_openings():
    def frame(right, left):
        points = np.zeros((68, 2))
        for start, height in ((36, right), (42, left)):
            half = height / 2
            points[start : start + 6] = [(0, 0), (1, -half), (2, -half), (3, 0), (2, half), (1, half)]
        return points

    real, fake = np.stack([frame(0.9, 0.9), frame(0.9, 0.6)]), np.stack([frame(0.9, 0.9), frame(0.0, 0.9)])
    assert openings(real)[1] == pytest.approx([0.3, 0.2])
    assert eye_opening_error(real, fake) == pytest.approx([0, (0.3 + 0.1) / 2])


def test_gaze_is_the_angle_between_directions_of_open_eyes():
    real = np.zeros((3, 2, 2))
    fake = np.deg2rad([[[10, 0], [0, -20]], [[10, 0], [0, 40]], [[10, 0], [10, 0]]])
    seen = np.array([[True, True], [True, False], [False, False]])
    found = gaze_error(real, fake, seen)
    assert found[:2] == pytest.approx([15, 10]) and np.isnan(found[2])
    both = np.deg2rad([[[30.0, 40], [0, 0]]])  # cos = cos 30 cos 40
    assert gaze_error(real[:1], both, np.array([[True, False]])) == pytest.approx(
        np.rad2deg(np.arccos(np.cos(np.pi / 6) * np.cos(np.deg2rad(40))))
    )


def test_alignment_leaves_nothing_of_a_similarity():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(50, 3)) * 40
    moved = 1.7 * points @ Rotation.random(random_state=1).as_matrix().T + (3, -200, 8)
    assert aligned_rms(moved, points) == pytest.approx(0, abs=1e-9)
    noise = rng.normal(size=(50, 3))
    found = aligned_rms(moved, points + noise)
    assert 0.7 * np.sqrt(3) < found < 1.1 * np.sqrt(3)
    mirrored = moved * (-1, 1, 1)
    assert aligned_rms(mirrored, points) > 10  # a mirror is no similarity


def test_alignment_of_a_square_to_an_oblong_by_hand():
    square = np.array([(1.0, 1, 0), (-1, 1, 0), (-1, -1, 0), (1, -1, 0)])
    oblong = square * (2, 1, 1)
    # of a square only the scale is free: it becomes 1.5, and every corner misses by 0.5 in x and in y
    assert aligned_rms(square, oblong) == pytest.approx(np.sqrt(0.5))


def test_the_share_of_a_blend_is_its_weight():
    rng = np.random.default_rng(3)
    target = rng.normal(size=(400, 3)) * 40
    source = target + rng.normal(size=(400, 3))
    for weight in (-0.5, 0, 0.25, 1):
        blend = (1 - weight) * target + weight * source
        moved = 0.5 * blend @ Rotation.random(random_state=4).as_matrix().T - 70
        assert shape_share(moved, target, source) == pytest.approx(weight, abs=0.02)
        apart = blend + rng.normal(size=(400, 3))  # what is neither's
        assert shape_share(apart, target, source) == pytest.approx(weight, abs=0.15)
