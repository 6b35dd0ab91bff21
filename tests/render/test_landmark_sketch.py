import numpy as np

from h2h.render.landmark_sketch import LINES, draw_landmarks, fit_to_target


def face(frames=3, seed=0):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 68)
    one = 0.5 + 0.3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return one + 0.01 * rng.normal(size=(frames, 68, 2))


def test_lines_go_through_the_points_in_their_colours():
    points = face(2)
    pictures = draw_landmarks(points, 128)
    assert pictures.shape == (2, 128, 128, 3) and pictures.dtype == np.uint8
    for frame, picture in zip(points, pictures, strict=True):
        for first, last, _, colour in LINES:
            at = np.floor(frame[first + 1 : last - 1] * 128).astype(int)
            near = np.stack([picture[y - 1 : y + 2, x - 1 : x + 2].max(axis=(0, 1)) for x, y in at])
            assert (near >= 0.4 * np.array(colour)).all()
    assert (pictures[:, 60:68, 60:68] == 0).all()  # nothing in the middle of this ring


def test_all_points_belong_to_one_line():
    assert [i for first, last, _, _ in LINES for i in range(first, last)] == list(range(68))


def test_missing_and_distant_points_do_no_harm():
    points = face(3)
    points[1, 4] = np.nan
    points[2] += 50
    pictures = draw_landmarks(points, 64)
    assert pictures[0].any() and not pictures[1].any() and not pictures[2].any()


def test_the_source_gets_the_targets_place_and_size_and_keeps_its_shape():
    target = face(20, 1)
    source = face(10, 2) * [0.5, 0.6] + [0.2, 0.1]
    fitted = fit_to_target(source, target)
    np.testing.assert_allclose(fitted.mean(axis=(0, 1)), target.mean(axis=(0, 1)))
    spread = [np.sqrt(((p - p.mean(axis=1, keepdims=True)) ** 2).sum(-1).mean()) for p in (fitted, target)]
    np.testing.assert_allclose(*spread)
    shapes = [(p[0] - p[0].mean(axis=0)) / np.abs(p[0] - p[0].mean(axis=0)).max() for p in (fitted, source)]
    np.testing.assert_allclose(*shapes)
    source[3] = np.nan
    assert np.isfinite(fit_to_target(source, target)[[0, 9]]).all()
