import numpy as np

from h2h.evaluation.tracking_pictures import SIDE, overlay_frames


def test_overlay_mixes_where_the_face_is_and_marks_untracked_frames():
    frames = np.full((2, 8, 8, 3), 100, np.uint8)
    nmfc, gaze = np.zeros_like(frames), np.zeros_like(frames)
    nmfc[:, 2:6, 2:6] = (200, 50, 0)
    gaze[:, 3, 3] = 255
    first, second = overlay_frames(frames, nmfc, gaze, np.array([True, False]))
    assert first.shape == (SIDE, 3 * SIDE, 3) and first.dtype == np.uint8
    scale = SIDE // 8
    middle = lambda column: tuple(first[int(4.5 * scale), column * SIDE + int(4.5 * scale)].tolist())  # noqa: E731
    assert middle(0) == (100, 100, 100) and middle(2) == (200, 50, 0)
    over = middle(1)
    assert 100 < over[0] < 200 and 50 < over[1] < 100
    assert tuple(first[4, SIDE + 4]) == (100, 100, 100)  # no face there
    assert tuple(second[1, SIDE + 1]) == (220, 30, 30) and tuple(first[1, SIDE + 1]) != (220, 30, 30)
