import numpy as np

from h2h.reenactment.paste import face_mask, paste_back


def disc(size, radius, centre, hole=0):
    y, x = np.mgrid[:size, :size]
    far = np.hypot(y - centre[0], x - centre[1])
    image = np.zeros((size, size, 3), np.uint8)
    image[(far < radius) & (far >= hole)] = (10, 0, 200)
    return image


def test_the_mask_covers_both_faces_and_their_holes_softly():
    low, high = disc(100, 20, (60, 50)), disc(100, 20, (45, 50), hole=6)
    mask = face_mask(low, high)
    assert mask.dtype == np.float32 and mask.min() == 0 and mask.max() <= 1 + 1e-6
    assert mask[45, 50] > 0.99, "a hole (mouth, eyes) belongs to the face"
    assert mask[78, 50] > 0.9 and mask[27, 50] > 0.9, "both chins"
    assert mask[5, 5] == 0
    edge = mask[60, 60:90]
    assert (np.diff(edge) <= 1e-6).all() and ((edge > 0.1) & (edge < 0.9)).sum() >= 3


def test_nobody_in_the_picture_changes_nothing():
    assert face_mask(np.zeros((50, 50, 3), np.uint8)).max() == 0


def test_only_pixels_under_the_mask_change():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 255, (60, 80, 3), np.uint8)
    patch = np.full((16, 16, 3), 200, np.uint8)
    alpha = np.zeros((16, 16), np.float32)
    alpha[4:12, 4:12] = 1
    before = frame.copy()
    pasted = paste_back(frame, np.array([20.0, 10.0, 32.0]), patch, alpha)
    np.testing.assert_array_equal(frame, before)
    assert (pasted[10 + 10 : 10 + 22, 20 + 10 : 20 + 22] == 200).all()
    outside = np.ones((60, 80), bool)
    outside[10:42, 20:52] = False
    np.testing.assert_array_equal(pasted[outside], frame[outside])
    np.testing.assert_array_equal(pasted[11:15, 21:51], frame[11:15, 21:51])


def test_a_crop_over_the_border_and_one_outside():
    frame = np.zeros((40, 40, 3), np.uint8)
    patch, alpha = np.full((10, 10, 3), 255, np.uint8), np.ones((10, 10), np.float32)
    pasted = paste_back(frame, np.array([-10.0, 30.0, 20.0]), patch, alpha)
    assert (pasted[30:, :10] == 255).all() and pasted.sum() == 10 * 10 * 3 * 255
    assert not paste_back(frame, np.array([50.0, 0.0, 20.0]), patch, alpha).any()
