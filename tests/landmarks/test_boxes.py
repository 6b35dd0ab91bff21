import numpy as np
import pytest

from h2h.landmarks import boxes as bx


def test_interpolation_meets_its_detections():
    found = bx.interpolate([2, 6], np.array([[0.0, 0, 10, 10], [4.0, 8, 14, 18]]))
    assert found.shape == (5, 4) and found[2] == pytest.approx([2, 4, 12, 14])


def test_crop_holds_a_moving_face_and_is_square():
    x = np.linspace(0, 60, 50)
    boxes = np.stack([100 + x, 80 + 0 * x, 150 + x, 140 + 0 * x], axis=1)
    crop = bx.fixed_crop(boxes, 1.64)
    assert crop[2] >= 1.64 * 60
    assert bx.inside(boxes, crop).all()


def test_still_face_gets_exactly_the_margin():
    boxes = np.tile([100.0, 80, 150, 140], (20, 1))
    x, y, side = bx.fixed_crop(boxes, 1.64)
    assert side == pytest.approx(1.64 * 60)
    assert (x + side / 2, y + side / 2) == pytest.approx((125, 110))


def test_crop_over_the_border_is_padded_not_stretched():
    image = np.zeros((100, 100, 3), np.uint8)
    image[40:60, 40:60] = 255
    found = bx.cut_out(image, np.array([-50.0, -50, 200]), 100)
    assert found.shape == (100, 100, 3)
    white = np.argwhere(found[..., 0] > 127)
    assert np.ptp(white[:, 0]) == np.ptp(white[:, 1])  # still a square
    assert np.abs(white.mean(0) - 49.5).max() < 1
    assert bx.picture_in_crop(np.array([-50.0, -50, 200]), (100, 100)) == pytest.approx([0.25, 0.25, 0.75, 0.75])


def test_cut_distance():
    dark, light = np.zeros((50, 50, 3), np.uint8), np.full((50, 50, 3), 250, np.uint8)
    assert bx.cut_distance(bx.histogram(dark), bx.histogram(dark)) == 0
    assert bx.cut_distance(bx.histogram(dark), bx.histogram(light)) == pytest.approx(1)
