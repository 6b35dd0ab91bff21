"""A source whose true motion is known: its points are the head model's own."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from h2h.config import load_params
from h2h.live.calibration import FRAMES, SECONDS, Calibration
from h2h.live.face import Found
from h2h.live.source import Source, mean_rotation
from h2h.render.hybrid import Parameters
from h2h.tracking.camera import project
from h2h.tracking.rotation import matrix_to_quaternion, quaternion_to_matrix, rotation_vector_to_matrix


def quaternion(*degrees):
    return matrix_to_quaternion(rotation_vector_to_matrix(np.deg2rad(degrees)))


STRAIGHT = quaternion(0, 5, 0)  # how the target mostly looks
IDENTITY = np.array([1.5, -1, 0.5, 1, 0, 0, 0, 0])


@pytest.fixture(scope="module")
def settings():
    return load_params(Path(__file__).parents[2] / "params.yaml")


@pytest.fixture
def executor():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def seen(model, rotation, expression=None, x=300.0, again=False):
    """What is found of a head in a picture of some hundred pixels."""
    identity = IDENTITY * model.identity_sigma
    vertices = model.shape(identity, np.zeros(len(model.expression_sigma)) if expression is None else expression)
    place = lambda points: project(points, 1.5, rotation, np.array([x, 250.0]))[..., :2]  # noqa: E731
    iris = np.repeat(place(model.eyes(vertices).centre)[:, None], 5, 1)
    landmarks = place(model.landmarks(vertices))
    return Found(landmarks, iris, np.full((468, 2), np.nan), again)


def target(model, count=5):
    return Parameters(
        identity=np.zeros(len(model.identity_sigma)),
        expression=np.zeros((count, len(model.expression_sigma))),
        scale=np.full(count, 0.005),
        rotation=np.tile(STRAIGHT, (count, 1)),
        translation=np.array([0.5, 0.55]) + 0.05 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])[:count],
        gaze=np.zeros((count, 2, 2)),
    )


@pytest.fixture
def source(small_head, settings, executor, monkeypatch):
    monkeypatch.setattr(Found, "box", property(lambda self: np.array([220.0, 150, 380, 330])))
    return Source(small_head, target(small_head), settings.tracking, settings.synthesize, executor)


def follow(source, model, poses, start=0.0, **more):
    found = []
    for t, pose in enumerate(poses):
        found.append(source(seen(model, pose, **more), start + t / 20))
        if source.calibration._fit is not None:
            source.calibration._fit.result()  # the stream would not wait for it
    return found


def apart(a, b):
    turn = np.trace(quaternion_to_matrix(a).T @ quaternion_to_matrix(b))
    return np.rad2deg(np.arccos(np.clip((turn - 1) / 2, -1, 1)))


def test_the_head_turns_as_the_source_does(source, small_head):
    poses = [quaternion(0, a, 0) for a in np.linspace(0, 20, 45)]
    found = follow(source, small_head, poses)
    assert not source.calibration.busy and source.residual < 0.02  # the first seconds told the identity
    assert apart(found[-1].rotation, poses[-1]) < 3
    np.testing.assert_allclose(found[-1].translation, (0.5, 0.55), atol=0.02)  # it stayed where it was
    assert found[-1].scale == pytest.approx(0.005, rel=0.1)


def test_calibration_makes_the_sources_straight_pose_the_targets(source, small_head):
    askew = quaternion(8, -15, 0)
    follow(source, small_head, [askew] * 40)
    source.calibration.ask()
    held = follow(source, small_head, [askew] * 40, start=2, x=360.0)
    assert apart(held[-1].rotation, STRAIGHT) < 2
    np.testing.assert_allclose(held[-1].translation, (0.5, 0.55), atol=0.01)
    turned = follow(source, small_head, [askew] * 3 + [quaternion(8, -5, 0)] * 10, start=4, x=360.0)
    assert apart(turned[-1].rotation, STRAIGHT) == pytest.approx(10, abs=2.5)


def test_a_face_that_was_away_is_taken_up_without_memory(source, small_head):
    before = follow(source, small_head, [quaternion(0, 25, 0)] * 30)
    back = source(seen(small_head, quaternion(0, -25, 0), again=True), 3.0)
    assert apart(back.rotation, quaternion(0, -25, 0)) < 4 < apart(before[-1].rotation, back.rotation)


def test_modes(source, small_head):
    opened = np.zeros(10)
    opened[0] = 2 * small_head.expression_sigma[0]
    source.set_mode("face")
    found = follow(source, small_head, [quaternion(0, 30, 0)] * 45, expression=opened)
    np.testing.assert_array_equal(found[-1].rotation, STRAIGHT)  # the target keeps its own pose
    assert np.abs(found[-1].expression).max() > 0.3 * opened[0]
    assert {tuple(f.translation) for f in found} == {tuple(p) for p in target(small_head).translation}


def test_a_calibration_gathers_frames_that_lie_apart(small_head, settings, executor):
    calibration = Calibration(small_head, settings.tracking, executor)
    points = seen(small_head, STRAIGHT)
    for t in range(3 * FRAMES):
        calibration.add(t * SECONDS / FRAMES / 2.9, points.landmarks / 500, points.iris / 500, points.dense)
    assert len(calibration._frames) == FRAMES and calibration._fit is not None
    calibration._fit.result()
    found = calibration.done()
    assert found is not None and not found.asked and not calibration.busy and calibration.done() is None
    size = IDENTITY * small_head.identity_sigma
    assert np.linalg.norm(found.identity - size) < 0.8 * np.linalg.norm(size)
    calibration.ask()
    assert calibration.busy


def test_frames_without_a_usable_face_are_not_a_calibration(small_head, settings, executor):
    calibration = Calibration(small_head, settings.tracking, executor)
    noise = np.random.default_rng(0).uniform(size=(68, 2))
    for t in range(FRAMES):
        calibration.add(float(t), noise, np.full((2, 5, 2), np.nan), np.full((468, 2), np.nan))
    calibration._fit.result()
    assert calibration.done() is None and calibration.busy == "first" and not calibration._frames
    calibration.add(FRAMES + 1.0, noise, np.full((2, 5, 2), np.nan), np.full((468, 2), np.nan))
    assert not calibration._frames  # not at once again
    calibration.add(FRAMES + 3.0, noise, np.full((2, 5, 2), np.nan), np.full((468, 2), np.nan))
    assert calibration._frames


def test_mean_rotation():
    rotations = np.stack([quaternion(0, a, 0) for a in (-4, 10, 24)]) * np.array([[1], [-1], [1]])
    assert apart(mean_rotation(rotations), quaternion(0, 10, 0)) < 0.2
