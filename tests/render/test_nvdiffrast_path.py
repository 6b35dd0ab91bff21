import numpy as np
import pytest

from h2h.render.nvdiffrast import best_rasteriser, front_faces, to_clip_space
from h2h.render.rasteriser import rasterise


def test_clip_space_keeps_pixels_and_depth_order():
    points = np.array([[0, 0, -5], [64, 32, 0], [32, 16, 7]], float)
    clip = to_clip_space(points, 32, 64)
    np.testing.assert_allclose(clip[:, :2], [[-1, -1], [1, 1], [0, 0]])
    assert (np.diff(clip[:, 2]) > 0).all() and np.abs(clip[:, 2]).max() <= 0.9 + 1e-6
    assert (clip[:, 3] == 1).all()


def test_front_faces_are_those_that_our_rasteriser_draws():
    rng = np.random.default_rng(0)
    points, triangles = rng.uniform(0, 30, (20, 3)), rng.integers(0, 20, (40, 3))
    drawn = {i for i in range(40) if (rasterise(points, triangles[[i]], 30, 30).triangle == 0).sum() > 0}
    assert drawn <= set(front_faces(points, triangles).tolist())


def test_both_rasterisers_give_the_same_picture():
    pytest.importorskip("nvdiffrast.torch")
    if best_rasteriser() is rasterise:
        pytest.skip("no GPU")
    rng = np.random.default_rng(1)
    points, triangles = rng.uniform(0, 64, (40, 3)), rng.integers(0, 40, (40, 3))
    ours, theirs = rasterise(points, triangles, 64, 64), best_rasteriser()(points, triangles, 64, 64)
    assert (ours.triangle == theirs.triangle).mean() > 0.99
