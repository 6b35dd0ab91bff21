from dataclasses import replace

import numpy as np
import pytest
from layers_reference import plain_picture, plain_uppermost

from h2h.evaluation.warping_error import warp
from h2h.flow.consistency import consistent
from h2h.flow_training.layers import SUBSAMPLES, picture, uppermost
from h2h.flow_training.moving_shapes import Motion, _draw_layers, draw_motion, moving_shapes
from h2h.flow_training.textures import procedural_textures

MOTION = Motion(median=1.5, spread=0.5, largest=4.0, turn=0.01, still=0.2)
SIZE = 64


@pytest.fixture(scope="module")
def textures():
    return procedural_textures(3, 6, side=96)


@pytest.fixture(scope="module")
def scene(textures):
    rng = np.random.default_rng(5)
    layers = _draw_layers(rng, 7, SIZE, textures)
    return layers, np.stack([draw_motion(rng, replace(MOTION, turn=0.1), place[:2, 2]) for place in layers.places])


def test_the_uppermost_layer_is_the_last_whose_outline_holds_the_point(scene):
    for samples in (1, 2):
        found, wanted = uppermost(*scene, SIZE, samples), plain_uppermost(*scene, SIZE, samples)
        assert found.shape == (SIZE * samples,) * 2 and len(np.unique(found)) > 4
        assert (found != wanted).mean() < 2e-3  # float32 at the edges


def test_pictures_are_the_mean_of_textured_samples(scene, textures):
    found, wanted = picture(*scene, textures, SIZE), plain_picture(*scene, textures, SIZE, SUBSAMPLES)
    off = np.abs(found - wanted).max(-1)
    assert (off > 1).mean() < 5e-3 and np.median(off) <= 0.6


def differences(first, second, flow, where):
    """Mean difference of the colours, without and with the flow."""
    there = warp(second.astype(np.float32), flow)
    return [np.abs(first - other.astype(np.float32))[where].mean() for other in (second, there)]


def test_flows_lead_from_each_frame_to_the_other(textures):
    for seed in range(4):
        pair = moving_shapes([1, seed], SIZE, (3, 8), replace(MOTION, still=0.0), textures)
        assert pair.first.dtype == np.uint8 and pair.forward.dtype == np.float32
        inner = np.zeros((SIZE, SIZE), bool)
        inner[8:-8, 8:-8] = True
        for one, other, there, back in (
            (pair.first, pair.second, pair.forward, pair.backward),
            (pair.second, pair.first, pair.backward, pair.forward),
        ):
            seen = inner & consistent(there, back)
            assert seen.sum() > 1000
            without, with_flow = differences(one, other, there, seen)
            assert with_flow < 0.35 * without


def test_what_is_still_stays_and_long_motions_are_cut(textures):
    pair = moving_shapes(0, SIZE, (3, 8), replace(MOTION, still=1.0), textures)
    np.testing.assert_array_equal(pair.first, pair.second)
    assert not pair.forward.any() and not pair.backward.any()
    far = Motion(median=50, spread=0.5, largest=3.0, turn=0.0, still=0.0)
    found = [draw_motion(np.random.default_rng(i), far, np.array([20.0, 30.0])) for i in range(5)]
    for motion in found:
        assert np.linalg.norm(motion[:2, 2]) == pytest.approx(3.0) and np.allclose(motion[:2, :2], np.eye(2))


def test_the_same_seed_gives_the_same_pair(textures):
    one, two, other = (moving_shapes(seed, SIZE, (3, 8), MOTION, textures) for seed in ([4, 2], [4, 2], [4, 3]))
    for a, b, c in zip(one, two, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()
