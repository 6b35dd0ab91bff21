import numpy as np
import pytest

from h2h.tracking.camera import project
from h2h.tracking.fit import fit_video, interpolate_rows, trust
from h2h.tracking.gaze import gaze_direction
from h2h.tracking.landmark_basis import Contour, vertex_normals
from h2h.tracking.rotation import quaternion_to_matrix
from h2h.tracking.video_least_squares import Weights

T = 24
WEIGHTS = Weights(100, 0.01, 0.01, 0.01, 3, 4)


@pytest.fixture(scope="module")
def video(small_head):
    """A synthetic person with known parameters, and exact landmarks and irises."""
    rng = np.random.default_rng(0)
    identity = (rng.normal(0, 1, 20) * small_head.identity_sigma).astype(np.float64)
    phase = np.linspace(0, 3, T)[:, None] + rng.uniform(0, 6, 30)
    expression = 0.8 * np.sin(phase) * small_head.expression_sigma
    turn = np.stack([np.ones(T), 0.1 * np.sin(phase[:, 0]), 0.3 * np.sin(2 * phase[:, 1]), 0.05 * phase[:, 2]], axis=1)
    turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    scale, shift = 0.004 + 0.0003 * np.sin(phase[:, 3]), 0.5 + 0.02 * np.sin(phase[:, 4:6])
    gaze = 0.3 * np.sin(phase[:, :4]).reshape(T, 2, 2)
    shapes = np.stack([small_head.shape(identity, s) for s in expression])
    eyes = small_head.eyes(shapes)
    centre = eyes.centre + eyes.iris_distance[..., None] * gaze_direction(gaze)
    landmarks = project(small_head.landmarks(shapes), scale, turn, shift)[..., :2]
    iris = np.repeat(project(centre, scale, turn, shift)[..., None, :2], 5, axis=2)
    return {
        "identity": identity, "expression": expression, "scale": scale, "rotation": turn, "translation": shift,
        "gaze": gaze, "shapes": shapes, "landmarks": landmarks, "iris": iris,
    }  # fmt: skip


def fit(model, video, segment=None, confidence=None, weights=WEIGHTS, landmarks=None, max_residual=0.2, **kwargs):
    return fit_video(
        model,
        video["landmarks"] if landmarks is None else landmarks,
        video["iris"],
        np.ones(T) if confidence is None else confidence,
        np.zeros(T, int) if segment is None else segment,
        weights,
        kwargs.get("alternations", 8),
        kwargs.get("contour", False),
        max_residual,
    )


@pytest.fixture(scope="module")
def fitted(small_head, video):
    return fit(small_head, video)


def test_landmarks_are_reproduced(small_head, video, fitted):
    assert fitted.tracked.all()
    assert fitted.residual.max() < 0.004
    shapes = np.stack([small_head.shape(fitted.identity, s) for s in fitted.expression])
    found = project(small_head.landmarks(shapes), fitted.scale, fitted.rotation, fitted.translation)[..., :2]
    assert np.abs(found - video["landmarks"])[:, 17:].max() < 0.006


def test_recovers_shape_pose_and_gaze(small_head, video, fitted):
    neutral, truth = small_head.neutral(fitted.identity), small_head.neutral(video["identity"])
    region = np.unique(small_head.triangles[small_head.region == 1])
    from h2h.tracking.shape_statistics import align

    aligned = align(neutral[None], truth, region)[0]
    mean_error = np.linalg.norm(align(small_head.mean[None], truth, region)[0] - truth, axis=1)[region].mean()
    assert np.linalg.norm(aligned - truth, axis=1)[region].mean() < 0.5 * mean_error  # mm; better than the mean face
    found, true = quaternion_to_matrix(fitted.rotation), quaternion_to_matrix(video["rotation"])
    angle = np.arccos(np.clip((np.einsum("tij,tij->t", found, true) - 1) / 2, -1, 1))
    assert np.rad2deg(angle).mean() < 3
    assert np.abs(fitted.scale / video["scale"] - 1).max() < 0.05
    assert np.rad2deg(np.abs(fitted.gaze - video["gaze"])).mean() < 4


def test_expressions_follow(small_head, video, fitted):
    from h2h.tracking.gaze import opening

    shapes = np.stack([small_head.shape(fitted.identity, s) for s in fitted.expression])
    found, true = small_head.landmarks(shapes), small_head.landmarks(video["shapes"])
    for lids in (slice(36, 42), slice(42, 48)):
        assert np.corrcoef(opening(found[:, lids]), opening(true[:, lids]))[0, 1] > 0.9
    mouth = [p[:, 66, 1] - p[:, 62, 1] for p in (found, true)]  # signed: random expressions also cross the lips
    assert np.corrcoef(*mouth)[0, 1] > 0.98


def test_bounds_are_respected(small_head, video):
    found = fit(small_head, video, weights=Weights(100, 0.01, 0.01, 0.01, 0.5, 0.6), alternations=2)
    assert (np.abs(found.identity / small_head.identity_sigma) <= 0.5 + 1e-4).all()
    assert (np.abs(found.expression / small_head.expression_sigma) <= 0.6 + 1e-4).all()
    assert (np.abs(found.expression / small_head.expression_sigma) > 0.55).any()


def test_bad_frames_are_left_out_and_interpolated(small_head, video, fitted):
    landmarks, confidence = video["landmarks"].copy(), np.ones(T)
    rng = np.random.default_rng(1)
    landmarks[7] = rng.uniform(0, 1, (68, 2))  # nonsense
    landmarks[15] = np.nan
    confidence[15] = 0
    found = fit(small_head, video, landmarks=landmarks, confidence=confidence)
    assert np.flatnonzero(~found.tracked).tolist() == [7, 15]
    assert found.residual[7] > 0.2
    for frame in (7, 15):
        np.testing.assert_allclose(
            found.expression[frame], (found.expression[frame - 1] + found.expression[frame + 1]) / 2, atol=1e-3
        )
        np.testing.assert_allclose(found.scale[frame], found.scale[[frame - 1, frame + 1]].mean(), rtol=1e-4)
    good = found.tracked
    assert np.abs(found.translation - fitted.translation)[good].max() < 0.01


def test_no_usable_frame_is_an_error(small_head, video):
    with pytest.raises(ValueError, match="no frame"):
        fit(small_head, video, confidence=np.zeros(T))


def test_interpolation_of_rows():
    values = np.array([[0.0], [9.0], [4.0], [9.0]])
    known = np.array([True, False, True, False])
    assert interpolate_rows(values, known).ravel().tolist() == [0, 2, 4, 4]


def test_the_jaw_line_slides_to_the_silhouette(small_head):
    contour = Contour(small_head)
    shape = contour.model.mean.reshape(17, -1, 3)
    own = small_head.landmarks(small_head.mean)[:17]
    frontal = contour.choose(shape, np.eye(3), own[:, :2])
    half = 0.35  # turned by 40 degrees, with the far cheek's outline as the detected line
    matrix = quaternion_to_matrix(np.array([np.cos(half), 0, np.sin(half), 0]))
    skin = small_head.mean[np.unique(small_head.triangles[small_head.region == 1])]
    turned = (own @ matrix.T)[:, :2]
    outline = turned.copy()
    for k in range(2, 6):
        level = np.abs((skin @ matrix.T)[:, 1] - turned[k, 1]) < 3
        outline[k, 0] = (skin @ matrix.T)[level, 0].min()
    chosen = contour.choose(shape, matrix, outline)
    moved = np.linalg.norm(contour.model.mean[chosen] - contour.model.mean[frontal], axis=1)
    assert moved[2:6].max() > 5
    error = lambda pick: np.linalg.norm((contour.model.mean[pick] @ matrix.T)[2:6, :2] - outline[2:6], axis=1)  # noqa: E731
    assert error(chosen).mean() < error(frontal).mean()


def test_normals_of_a_tetrahedron_point_outwards():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    triangles = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    normals = vertex_normals(vertices, triangles)
    assert ((vertices - vertices.mean(axis=0)) * normals).sum(axis=1).min() > 0
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)


def test_dense_points_sharpen_the_fit(small_head, video):
    from dataclasses import replace

    from h2h.tracking.camera import project as camera

    rng = np.random.default_rng(3)
    skin = small_head.triangles[small_head.region == 1]
    places = skin[rng.integers(len(skin), size=468)]
    model = replace(small_head, dense_triangles=places, dense_weights=np.full((468, 3), 1 / 3, np.float32))
    cameras = video["scale"], video["rotation"], video["translation"]
    dense = camera(model.dense_points(video["shapes"]), *cameras)[..., :2]
    noise = rng.normal(size=(T, 536, 2)) * 0.002
    landmarks, dense = video["landmarks"] + noise[:, :68], dense + noise[:, 68:]
    dense[:, 7] = np.nan  # a point that is left out
    dense[np.arange(T), np.arange(T) + 50] = np.nan  # and one more in each frame
    plain, with_dense = (
        fit_video(model, landmarks, video["iris"], np.ones(T), np.zeros(T, int), WEIGHTS, 6, False, 0.2, dense, w)
        for w in (0.0, 0.5)
    )

    def motion_error(found):
        ours, true = (np.tensordot(e, small_head.expression_basis, 1) for e in (found.expression, video["expression"]))
        return np.sqrt(((ours - ours.mean(0) - true + true.mean(0)) ** 2).sum(-1)[:, np.unique(skin)].mean())

    assert with_dense.tracked.all()
    assert motion_error(with_dense) < 0.8 * motion_error(plain)


def test_misplaced_points_lose_their_weight(small_head, video):
    landmarks = video["landmarks"].copy()
    landmarks[8, 20:40] += 0.1
    clean, spoiled = fit(small_head, video), fit(small_head, video, landmarks=landmarks)
    apart = np.abs(
        np.tensordot(spoiled.expression - clean.expression, small_head.expression_basis, 1)[[6, 7, 9, 10]]
    ).max()
    assert apart < 2  # mm, where the points were 25 mm away


def test_trust_follows_each_points_own_spread():
    rng = np.random.default_rng(0)
    spread = np.linspace(0.5, 3, 10)
    error = rng.normal(size=(200, 10, 2)) * spread[:, None]
    error[5, 3] = 40.0
    found = trust(error, np.ones(200, bool))
    assert found[5, 3] < 0.02
    assert (np.delete(found, 5, axis=0) > 0.3).all() and (found == 1).mean() > 0.97
