import numpy as np

from h2h.live.fade import faded


def test_fading():
    picture = np.dstack([np.full((2, 2), v, np.uint8) for v in (200, 100, 0, 77)])
    np.testing.assert_array_equal(faded(picture, 0), picture)
    assert faded(picture, 1)[0, 0].tolist() == [50, 50, 50, 77]
    assert faded(picture[..., :3], 0.5)[0, 0].tolist() == [112, 75, 38]
