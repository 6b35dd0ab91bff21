import numpy as np

from h2h.models.background import composite
from h2h.reenactment.backgrounds import colour, cover, lay_over


def test_colours():
    assert (colour("#0a14ff", 4) == (10, 20, 255)).all()
    assert (colour("white", 4) == 255).all()
    assert colour("#0a14f", 4) is None and colour("sea.png", 4) is None


def test_the_middle_of_a_picture_fills_the_square():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 77
    assert (cover(wide, 10) == 77).all() and (cover(wide.transpose(1, 0, 2), 50) == 77).all()


def test_over_a_background_and_over_nothing():
    colours = np.full((2, 2, 3), 100, np.uint8)
    mask = np.array([[0, 51], [102, 255]], np.uint8)
    foreground = (colours * (mask[..., None] / 255)).round().astype(np.uint8)
    over = lay_over(foreground, mask, np.full((2, 2, 3), 200, np.uint8))
    np.testing.assert_allclose(over[..., 0], 200 - mask / 255 * 100, atol=1)
    clear = lay_over(foreground, mask, None)
    np.testing.assert_array_equal(clear[..., 3], mask)
    assert np.abs(clear[mask > 0][:, :3].astype(int) - 100).max() <= 2, "colours are not multiplied by alpha"


def test_without_background_the_colours_are_those_with_one():
    rng = np.random.default_rng(0)
    mask = rng.integers(0, 256, (8, 8), np.uint8)
    mask[0] = 0
    frame = (rng.integers(0, 256, (8, 8, 3)) * (mask[..., None] / 255)).astype(np.uint8)
    straight = lay_over(frame, mask, None)
    assert straight.shape == (8, 8, 4) and (straight[..., 3] == mask).all()
    background = rng.integers(0, 256, (8, 8, 3), np.uint8)
    alpha = straight[..., 3:] / 255
    wanted = straight[..., :3] * alpha + (1 - alpha) * background
    np.testing.assert_allclose(wanted, composite(frame, mask, background), atol=1.1)
    np.testing.assert_array_equal(lay_over(frame, mask, background), composite(frame, mask, background))
