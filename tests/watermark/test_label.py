import numpy as np
import pytest

from h2h.watermark.label import labelled


@pytest.mark.parametrize("shape", [(256, 256, 3), (256, 768, 3), (720, 1280, 3), (256, 128, 4)])
def test_the_label_is_in_the_corner_and_legible(shape):
    picture = np.full(shape, 120, np.uint8)
    marked = labelled(picture)
    changed = (marked != picture).any(-1)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert not changed[: shape[0] * 3 // 4].any() and columns[-1] > 0.98 * shape[1] and columns[0] > 0
    assert rows[-1] - rows[0] >= 12  # the strip; its letters are at least 9 px high
    strip = marked[rows[0] : rows[-1], columns[0] : columns[-1], :3]
    assert strip.max() > 200 and np.median(strip) <= 40  # white on dark
    assert (picture == 120).all() and (shape[2] == 3 or marked[rows[0], columns[0], 3] == 255)
