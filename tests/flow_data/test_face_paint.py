import numpy as np

from h2h.flow_data.face_paint import HEIGHT, LEFT, TOP, WIDTH, draw_face_paint, look_up


def test_colours_are_where_the_landmarks_say(small_head):
    paint = draw_face_paint(small_head, np.random.default_rng(0))
    points = small_head.landmarks(small_head.mean)
    brows, upper_lip, chin = points[[19, 24]], (points[51] + points[62]) / 2, points[8]
    assert look_up(paint.brows, brows).min() > 0.7 and look_up(paint.brows, points[[30, 8, 51]]).max() < 0.05
    assert look_up(paint.lips, upper_lip[None])[0] > 0.5 and look_up(paint.lips, points[[30, 8]]).max() < 0.05
    assert look_up(paint.beard, chin[None])[0] > 0.3 and look_up(paint.beard, points[[27, 19]]).max() < 0.01
    lids = small_head.mean[small_head.eyelids[0]]
    assert look_up(paint.lashes, lids).mean() > 0.3 and look_up(paint.lashes, points[[30, 8]]).max() < 0.05
    for part in paint:
        assert part.dtype == np.float32 and part.min() >= 0 and part.max() <= 1


def test_a_map_is_read_where_it_was_drawn_and_is_nothing_outside():
    paint = np.zeros((2 * HEIGHT, 2 * WIDTH), np.float32)
    paint[100, 40] = 1
    centre = np.array([[LEFT + 20.25, TOP + 50.25, 0]])
    np.testing.assert_allclose(look_up(paint, centre), 1)
    np.testing.assert_allclose(look_up(paint, centre + np.array([0.25, 0, 9])), 0.5)
    assert look_up(np.ones_like(paint), np.array([[LEFT - 5, 0, 0], [0, TOP + HEIGHT + 5, 0]])).max() == 0
