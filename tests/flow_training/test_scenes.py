import numpy as np
import pytest
import torch

from h2h.evaluation.warping_error import warp
from h2h.flow_training.moving_shapes import Motion, moving_shapes
from h2h.flow_training.scenes import PART, Scenes, seen_otherwise
from h2h.flow_training.textures import HELD_OUT, PHOTOGRAPHS, patches, photographs, procedural_textures

MOTION = Motion(median=1.5, spread=0.3, largest=4.0, turn=0.01, still=0.0)


@pytest.fixture(scope="module")
def textures():
    return procedural_textures(3, 4, side=64)


def test_a_batch_follows_from_its_number(textures):
    def scenes():
        return Scenes([1, 2], 64, (2, 4), MOTION, textures, uses=2.0, window=6)

    through, jumped = scenes(), scenes()
    batches = [through.batch(number, 3) for number in range(5)]
    again = jumped.batch(4, 3)
    assert torch.equal(batches[4].first, again.first) and torch.equal(
        batches[4].known[PART].flow, again.known[PART].flow
    )
    assert not torch.equal(batches[3].first, again.first)
    assert again.first.shape == (3, 3, 64, 64) and again.first.max() > 1 and bool((again.known[PART].mask == 1).all())
    assert min(through._drawn) >= 6 and max(through._drawn) < 6 + 6  # 4 * 3 / 2 scenes have served


def test_a_pair_seen_otherwise_has_the_flow_of_what_is_seen(textures):
    pair = moving_shapes(7, 64, (0, 0), MOTION, textures)
    firsts = set()
    for way in range(16):
        first, second, flow = seen_otherwise(pair, way)
        there = warp(np.ascontiguousarray(second, np.float32), np.ascontiguousarray(flow))
        inner = slice(8, -8), slice(8, -8)
        off, still = (np.abs(first.astype(np.float32) - x)[inner].mean() for x in (there, second))
        assert off < 0.35 * still, way
        firsts.add(first.tobytes())
    assert len(firsts) == 16


def test_textures_are_their_seeds_and_held_out_photographs_are_others():
    one, two = procedural_textures([1, 0], 3, side=32), procedural_textures([1, 0], 3, side=32)
    np.testing.assert_array_equal(one, two)
    assert one.shape == (3, 32, 32, 3) and one.dtype == np.uint8 and one.std((1, 2)).min() > 1
    assert (procedural_textures([1, 1], 3, side=32) != one).any() and not set(PHOTOGRAPHS) & set(HELD_OUT)
    found = photographs(("chelsea",))
    assert found.shape == (1, 256, 256, 3) and found.dtype == np.uint8
    picture = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    cut = patches(picture, 2)
    assert cut.shape == (6, 2, 2, 3)
    np.testing.assert_array_equal(cut[4], picture[2:4, 2:4])
