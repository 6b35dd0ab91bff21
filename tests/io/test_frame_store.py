import cv2
import numpy as np
import pytest

from h2h.io.frame_store import FrameStore


def test_pictures_come_back_in_any_order():
    smooth = cv2.resize(np.random.default_rng(0).integers(0, 255, (4, 5, 3), np.uint8), (90, 60))
    with FrameStore() as store:
        store.add(7, smooth)
        store.add(3, 255 - smooth)
        for _ in range(2):
            assert np.abs(store[7].astype(int) - smooth).max() <= 12
            assert np.abs(store[3].astype(int) - (255 - smooth)).max() <= 12
        assert 3 in store and 4 not in store
        with pytest.raises(KeyError):
            store[4]
