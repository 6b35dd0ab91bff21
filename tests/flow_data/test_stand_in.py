from itertools import pairwise

import cv2
import numpy as np
import pytest

from h2h.flow_data.appearance import EYE, INSIDE, SKIN, TEETH, draw_appearance, materials
from h2h.flow_data.scan_flow import scan_flow
from h2h.flow_data.stand_in import draw_camera, draw_subject, render_sequence
from h2h.tracking.head_model import INTERNAL

SIZE = 64


def rendered(model, seed, photographs=(), frames=4):
    rng = np.random.default_rng(seed)
    subject = draw_subject(model, rng)
    camera, place = draw_camera(model, SIZE, rng)
    return camera, list(render_sequence(model, subject, camera, place, photographs, frames, SIZE, 2, rng))


@pytest.fixture(scope="module", autouse=True)
def lively():
    """In small pictures little moves by a pixel otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("h2h.flow_data.performance.LIVELINESS", (0.15, 1.6))
        yield


@pytest.fixture(scope="module")
def sequences(small_head):
    return [rendered(small_head, seed) for seed in range(4)]


def warped(picture, flow):
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    places = x + flow[..., 0], y + flow[..., 1]
    return cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)


def test_pictures_and_true_flow_belong_together(small_head, sequences):
    """Read where the flow leads, the next picture is this one: much nearer than without it, on the head and behind."""
    errors = []
    for camera, frames in sequences:
        for first, second in pairwise(frames):
            truth = scan_flow(first.vertices, second.vertices, small_head.triangles, camera, SIZE, SIZE, 0.75)
            inner = cv2.erode(truth.face.astype(np.uint8), np.ones((3, 3))).astype(bool)  # edges show both
            outer = cv2.erode(truth.background.astype(np.uint8), np.ones((5, 5))).astype(bool)
            outer[:3] = outer[-3:] = outer[:, :3] = outer[:, -3:] = False
            for where, flow in ((inner, truth.flow), (outer, first.true_background)):
                before, after = (
                    np.abs(second.image.astype(float) - first.image),
                    np.abs(warped(second.image, flow) - first.image),
                )
                moved = where & (np.linalg.norm(flow, axis=-1) > 0.7)
                if moved.sum() > 100:
                    errors.append((before[moved].mean(), after[moved].mean()))
    before, after = np.array(errors).T
    assert len(errors) > 10 and after.mean() < 0.6 * before.mean() and (after < before).mean() > 0.9


def test_frames_are_as_described(small_head, sequences):
    for camera, frames in sequences:
        assert np.allclose(camera.rotation @ camera.rotation.T, np.eye(3))
        assert frames[-1].true_background is None
        for frame in frames:
            assert frame.image.shape == (SIZE, SIZE, 3) and frame.image.dtype == np.uint8 and frame.image.std() > 10
            assert frame.vertices.shape == small_head.mean.shape and np.isfinite(frame.vertices).all()
        flow = frames[0].true_background
        assert flow.shape == (SIZE, SIZE, 2) and flow.dtype == np.float32 and np.isfinite(flow).all()
        seen = camera.project(frames[0].vertices)[:, :2]
        assert ((seen > 0) & (seen < SIZE)).all(axis=1).mean() > 0.5
    focal = [camera.focal for camera, _ in sequences]
    assert max(focal) > 1.2 * min(focal)


def test_the_seed_decides_everything(small_head, sequences):
    _, again = rendered(small_head, 0)
    for one, other in zip(sequences[0][1], again, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.vertices, other.vertices)
    assert (sequences[0][1][0].image != sequences[1][1][0].image).mean() > 0.5


def test_photographs_are_used_for_some_sequences(small_head):
    green = np.zeros((80, 80, 3), np.uint8)
    green[..., 1] = 200
    corner = [
        rendered(small_head, seed, [green], frames=2)[1][0].image[2:8, 2:8].mean(axis=(0, 1)) for seed in range(6)
    ]
    photographed = [abs(c - (0, 200, 0)).max() < 8 for c in corner]
    assert 0 < sum(photographed) < 6


def test_triangles_are_of_the_right_stuff(small_head):
    kind = materials(small_head)
    assert set(np.unique(kind)) == {SKIN, EYE, TEETH, INSIDE}
    assert ((kind == SKIN) == (small_head.region != INTERNAL)).all()
    eyes = np.isin(small_head.triangles, small_head.eyeball).all(axis=1)
    np.testing.assert_array_equal(kind == EYE, eyes)
    teeth = small_head.mean[small_head.triangles[kind == TEETH]].reshape(-1, 3)
    mouth = small_head.landmarks(small_head.mean)[60:68]
    assert np.abs(teeth.mean(axis=0) - mouth.mean(axis=0))[:2].max() < 8


def test_parts_have_their_colours(small_head):
    appearance = draw_appearance(small_head, np.random.default_rng(3))
    kind = materials(small_head)
    centre = small_head.mean[small_head.triangles].mean(axis=1)
    colours = appearance.albedo(centre, np.arange(len(centre)))
    assert colours.shape == (len(centre), 3) and 0 < colours.min() and colours.max() <= 1
    forehead = (
        (kind == SKIN) & (np.abs(centre[:, 0]) < 30) & (centre[:, 1] < -45) & (centre[:, 1] > -60) & (centre[:, 2] < 0)
    )
    np.testing.assert_allclose(colours[forehead].mean(axis=0), appearance.tone, rtol=0.35)
    eyes = small_head.eyes(small_head.mean)
    pupil = eyes.centre + eyes.iris_distance[:, None] * [0, 0, -1.0]
    first = np.flatnonzero(kind == EYE)[:2]
    assert appearance.albedo(pupil, first).max() < 0.02  # black
    assert appearance.albedo(eyes.centre + np.array([0, 0, 5.0]), first).min() > 0.6  # white behind
