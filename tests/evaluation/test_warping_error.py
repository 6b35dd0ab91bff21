import numpy as np
import pytest

from h2h.evaluation.warping_error import warp, warping_error

rng = np.random.default_rng(0)
WORLD = rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)
FIRST, SECOND = WORLD[4:36, 4:36], WORLD[5:37, 2:34]  # what is at (x, y) is at (x + 2, y - 1) then
FLOW = np.full((32, 32, 2), (2, -1), np.float16)
MASK = np.zeros((32, 32), np.uint8)
MASK[4:28, 4:28] = 255


def test_warp_follows_the_flow():
    seen = warp(SECOND.astype(np.float32), FLOW)
    assert np.array_equal(seen[4:28, 4:28], FIRST[4:28, 4:28])
    half = warp(np.float32([[[0], [10]]]).repeat(3, 2), np.float32([[[0.5, 0], [0, 0]]]))
    assert half[0, 0, 0] == 5


def test_a_video_that_moves_as_the_true_one_has_no_error():
    assert warping_error((FIRST, SECOND), (FIRST, SECOND), FLOW, MASK) == 0
    darker = FIRST // 2, SECOND // 2  # another colour, but the same motion
    assert warping_error(darker, (FIRST, SECOND), FLOW, MASK) == 0


def test_flicker_counts():
    brighter = np.full_like(FIRST, 100), np.full_like(FIRST, 110)
    assert warping_error(brighter, (FIRST, SECOND), FLOW, MASK) == pytest.approx(10 * np.sqrt(3))


def test_where_the_true_frames_disagree_counts_less():
    made = np.zeros_like(FIRST), np.zeros_like(SECOND)
    made[0][10:20, 10:20] = 90  # flickers exactly where the true video is occluded
    occluded = FIRST.copy()
    occluded[10:20, 10:20] = 255 - FIRST[10:20, 10:20]
    free = warping_error(made, (FIRST, SECOND), FLOW, MASK)
    assert warping_error(made, (occluded, SECOND), FLOW, MASK) < 0.5 * free
    assert np.isnan(warping_error(made, (FIRST, SECOND), FLOW, np.zeros_like(MASK)))
