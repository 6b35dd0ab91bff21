import numpy as np
import pytest

from h2h.watermark.embed import FLAT, LIMIT, PER_DETAIL, Marker, strength
from h2h.watermark.pattern import PERIOD, tile


def mean3(values):
    """3 x 3 mean with OpenCV's mirrored border."""
    padded = np.pad(values.astype(np.float64), 1, mode="reflect")
    height, width = values.shape
    return sum(padded[i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9


def blocks(values, side):
    height, width = values.shape[:2]
    return values.reshape(height // side, side, width // side, side, -1).mean((1, 3)).squeeze()


def plain_strength(picture):
    grey = blocks(picture.astype(np.float64), 2) @ [0.299, 0.587, 0.114]
    detail = blocks(np.abs(grey - mean3(grey)), 4)
    gain = mean3(detail) * PER_DETAIL + FLAT
    return gain * min(1, LIMIT / np.sqrt(np.mean(gain**2)))


def psnr(one, other):
    return 10 * np.log10(255**2 / np.mean((one.astype(np.float64) - other) ** 2))


def test_the_strength_is_that_of_the_plain_formula(face):
    assert np.abs(strength(face) - plain_strength(face)).max() < 0.2  # it rounds to bytes on its way


def test_the_fast_sum_is_the_plain_sum(face):
    flat = np.full((200, 300, 3), (90, 120, 200), np.uint8)
    added = FLAT * np.tile(tile(77), (2, 3))[:200, :300]
    marked = Marker(77, 200, 300).mark(flat)
    assert np.abs(marked - (flat + added[..., None])).max() <= 0.51
    assert np.array_equal(marked - flat, marked[..., :1] - flat[..., :1] + np.zeros((200, 300, 3), np.uint8))


@pytest.mark.parametrize("kind", ["face", "noise", "black", "white"])
def test_the_mark_keeps_40_db(face, kind):
    noise = np.random.default_rng(0).integers(0, 256, (64, 80, 3)).astype(np.uint8)
    picture = {"face": face, "noise": noise, "black": noise * 0, "white": noise * 0 + 255}[kind]
    marked = Marker(0xDEADBEEF, *picture.shape[:2]).mark(picture)
    assert marked.dtype == np.uint8 and not np.array_equal(marked, picture)
    assert psnr(marked, picture) >= 40
    assert np.abs(marked.astype(int) - picture).max() < 24  # nothing wraps around at black or white


def test_busy_places_carry_more(face):
    half = np.concatenate([np.full((128, 128, 3), 128, np.uint8), face[60:188, 60:188]], axis=1)
    gain = strength(half)
    assert gain[:, 20:].mean() > 1.3 * gain[:, 4:12].mean()
    assert Marker(1, PERIOD, PERIOD).pattern.shape == (PERIOD, PERIOD)
