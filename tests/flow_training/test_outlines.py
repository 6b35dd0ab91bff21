import numpy as np

from h2h.flow_training.outlines import ANGLES, blob, draw_outline, ellipse, polygon

THETA = np.linspace(0, 2 * np.pi, 50, endpoint=False)


def test_points_of_an_ellipse_satisfy_its_equation():
    r = ellipse(THETA, 0.4)
    np.testing.assert_allclose((r * np.cos(THETA)) ** 2 + (r * np.sin(THETA) / 0.4) ** 2, 1)


def test_a_polygon_goes_straight_from_corner_to_corner():
    corners, radii = np.array([0.3, 1.9, 4.4]), np.array([1.0, 0.5, 0.8])
    np.testing.assert_allclose(polygon(corners + 1e-9, corners, radii), radii, rtol=1e-6)
    x, y = radii * np.cos(corners), radii * np.sin(corners)
    for start, end in ((0, 1), (1, 2), (2, 0)):
        middle = np.array([x[start] + x[end], y[start] + y[end]]) / 2
        angle = np.arctan2(middle[1], middle[0])
        np.testing.assert_allclose(polygon(np.array([angle]), corners, radii), np.hypot(*middle))


def test_a_blob_without_waves_is_a_circle():
    np.testing.assert_allclose(blob(THETA, np.zeros((3, 2))), 1)
    np.testing.assert_allclose(blob(THETA, np.array([[0, 0], [0.2, 0]])), np.exp(0.2 * np.cos(2 * THETA)))


def test_outlines_are_positive_and_fill_the_unit_disk():
    drawn = [draw_outline(np.random.default_rng(i)) for i in range(40)]
    for radii in drawn:
        assert radii.shape == (ANGLES,) and radii.min() > 0 and radii.max() == 1
    assert len({round(float(radii.min()), 6) for radii in drawn}) == 40
