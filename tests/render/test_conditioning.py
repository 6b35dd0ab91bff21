import numpy as np
import pytest
from scipy.ndimage import label

from h2h.render.conditioning import iterate_sequence, render_sequence
from h2h.render.nmfc import nmfc_colours, region_triangles
from h2h.render.rasteriser import rasterise
from h2h.render.rasteriser_reference import rasterise_reference
from h2h.tracking.camera import project
from h2h.tracking.rotation import quaternion_to_matrix

SIZE, SCALE = 96, 1 / 230
FRONTAL, TURNED = np.array([1.0, 0, 0, 0]), np.array([np.cos(0.25), 0, np.sin(0.25), 0])


def render(model, expression=None, rotation=FRONTAL, gaze=(0.0, 0.0), identity=None, region="face", size=SIZE):
    one = lambda value: np.asarray(value, float)[None]  # noqa: E731
    return render_sequence(
        model,
        np.zeros(20) if identity is None else identity,
        one(np.zeros(30) if expression is None else expression),
        one(SCALE), one(rotation), one([0.5, 0.5]), one([gaze, gaze]), size, region,
    )  # fmt: skip


def test_fast_rasteriser_equals_reference_on_the_head(small_head):
    points = project(small_head.mean, SCALE, TURNED, np.array([0.5, 0.5])) * 64
    triangles = small_head.triangles[region_triangles(small_head, "face")]
    fast, plain = rasterise(points, triangles, 64, 64), rasterise_reference(points, triangles, 64, 64)
    np.testing.assert_array_equal(fast.triangle, plain.triangle)
    assert fast.barycentric.tobytes() == plain.barycentric.tobytes()
    assert fast.depth.tobytes() == plain.depth.tobytes()


@pytest.mark.parametrize("region", ["face", "head"])
def test_colours_are_the_triangles_own_normalised_centres(small_head, region):
    """Eq. 3, recomputed at every pixel from the mean face."""
    picture = render(small_head, rotation=TURNED, region=region).nmfc[0]
    triangles = small_head.triangles[region_triangles(small_head, region)]
    points = project(small_head.mean, SCALE, TURNED, np.array([0.5, 0.5])) * SIZE
    seen = rasterise_reference(points, triangles, SIZE, SIZE).triangle
    vertices = small_head.mean[triangles]
    low, high = vertices.min(axis=(0, 1)), vertices.max(axis=(0, 1))
    painted = picture.any(axis=-1)
    assert painted.sum() > 0.15 * SIZE**2
    centre = vertices[seen[painted]].mean(axis=1)
    assert np.abs(picture[painted] - 255 * (centre - low) / (high - low)).max() <= 0.51
    assert (painted <= (seen >= 0)).all()  # the eyes, nothing else, may cover the skin


def test_colours_span_the_whole_range(small_head):
    triangles = small_head.triangles[region_triangles(small_head, "face")]
    colours = nmfc_colours(small_head.mean, triangles)
    assert colours.dtype == np.uint8
    assert (colours.min(axis=0) <= 8).all() and (colours.max(axis=0) >= 240).all()


def test_colours_do_not_depend_on_identity_or_expression(small_head):
    rng = np.random.default_rng(0)
    identity = rng.normal(0, 1, 20) * small_head.identity_sigma
    expression = rng.normal(0, 1, 30) * small_head.expression_sigma
    picture = render(small_head, expression, identity=identity).nmfc[0].reshape(-1, 3)
    triangles = small_head.triangles[region_triangles(small_head, "face")]
    allowed = {tuple(c) for c in nmfc_colours(small_head.mean, triangles).tolist()} | {(0, 0, 0)}
    assert {tuple(c) for c in picture.tolist()} <= allowed


def test_eyes_fill_the_holes_of_the_face_in_exact_register(small_head):
    frame = render(small_head, size=256)
    face, eyes = frame.nmfc[0].any(axis=-1), frame.gaze[0].any(axis=-1)
    assert not (face & eyes).any()
    right, left = eyes[:, :128].sum(), eyes[:, 128:].sum()
    assert right > 60 and abs(int(right) - int(left)) < 0.2 * right
    # no pixel is left open between the lids and the eye
    ys, xs = np.nonzero(eyes)
    for y, x in zip(ys, xs, strict=True):
        assert (face | eyes)[y - 1 : y + 2, x - 1 : x + 2].all()


def test_irises_follow_the_gaze(small_head):
    def iris_x(yaw):
        picture = render(small_head, gaze=(yaw, 0.0), size=256).gaze[0]
        iris = picture.any(axis=-1) & (picture.min(axis=-1) < 255)
        return np.nonzero(iris[:, :128])[1].mean()

    assert iris_x(0.3) < iris_x(0.0) - 1 < iris_x(-0.3) - 2  # positive yaw looks to the picture's left


def test_closed_eyes_vanish(small_head):
    from h2h.tracking.gaze import opening

    # close the eyes with the combination of components that shortens the lids' distance most
    lids = small_head.landmarks(small_head.expression_basis)
    gap = lids[:, [41, 40, 47, 46], 1] - lids[:, [37, 38, 43, 44], 1]
    base = small_head.landmarks(small_head.mean)
    wanted = -(base[[41, 40, 47, 46], 1] - base[[37, 38, 43, 44], 1])
    sigma = small_head.expression_sigma
    z = np.linalg.lstsq(
        np.concatenate([(gap * sigma[:, None]).T, 0.02 * np.eye(30)]), np.r_[wanted, np.zeros(30)], rcond=None
    )[0]
    closed = small_head.landmarks(small_head.shape(np.zeros(20), z * sigma))
    assert opening(closed[36:42]) < 0.08
    opened = render(small_head, size=256).gaze[0].any(axis=-1).sum()
    assert render(small_head, z * sigma, size=256).gaze[0].any(axis=-1).sum() < 0.3 * opened


def test_the_nose_hides_the_far_eye_in_profile(small_head):
    profile = np.array([np.cos(0.7), 0, np.sin(0.7), 0])
    for rotation, count in ((FRONTAL, 2), (profile, 1)):
        eyes = render(small_head, rotation=rotation, size=256).gaze[0].any(axis=-1)
        assert label(eyes, np.ones((3, 3)))[1] == count


def test_generator_mouth_and_determinism(small_head):
    rng = np.random.default_rng(1)
    arguments = (
        small_head, np.zeros(20), rng.normal(0, 10, (3, 30)), np.full(3, SCALE), np.tile(TURNED, (3, 1)),
        rng.uniform(0.45, 0.55, (3, 2)), np.zeros((3, 2, 2)), 48,
    )  # fmt: skip
    whole, parts = render_sequence(*arguments), list(iterate_sequence(*arguments))
    assert whole.nmfc.shape == (3, 48, 48, 3) and whole.gaze.dtype == np.uint8 and whole.mouth.dtype == np.float32
    for t, part in enumerate(parts):
        assert part.nmfc.tobytes() == whole.nmfc[t].tobytes() and part.gaze.tobytes() == whole.gaze[t].tobytes()
    mouth = small_head.landmarks(small_head.shape(np.zeros(20), arguments[2][1]))[48:68]
    where = (mouth @ quaternion_to_matrix(TURNED).T)[:, :2].mean(axis=0) * SCALE + arguments[5][1]
    np.testing.assert_allclose(whole.mouth[1], where, atol=1e-5)


def test_a_head_outside_the_picture_gives_black_images(small_head):
    one = np.ones(1)
    out = render_sequence(
        small_head, np.zeros(20), np.zeros((1, 30)), SCALE * one, FRONTAL[None], np.array([[9.0, 9.0]]),
        np.zeros((1, 2, 2)), 32,
    )  # fmt: skip
    assert not out.nmfc.any() and not out.gaze.any()


def test_supersampled_images_are_means_of_finer_ones(small_head):
    arguments = (
        small_head, np.zeros(20), np.zeros((1, 30)), np.array([SCALE]), FRONTAL[None], np.array([[0.5, 0.5]]),
        np.zeros((1, 2, 2)),
    )  # fmt: skip
    fine, shown = render_sequence(*arguments, 2 * SIZE), render_sequence(*arguments, SIZE, supersample=2)
    for large, small in ((fine.nmfc, shown.nmfc), (fine.gaze, shown.gaze)):
        corners = [large[:, i::2, j::2].astype(float) for i in (0, 1) for j in (0, 1)]
        assert np.abs(np.mean(corners, axis=0) - small).max() <= 0.5
    np.testing.assert_array_equal(fine.mouth, shown.mouth)
