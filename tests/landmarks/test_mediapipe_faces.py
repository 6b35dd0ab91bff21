import cv2
import numpy as np

from h2h.landmarks.mediapipe_faces import MediaPipeFaces


def test_boxes_hold_the_face_and_small_ones_are_dropped(face):
    wall = np.full((300, 500, 3), 90, np.uint8)
    wall[20:276, 200:456] = face
    with MediaPipeFaces(min_face=24) as faces:
        found, nothing = faces([wall, np.full_like(wall, 90)])
    assert found.shape == (1, 4) and nothing.shape == (0, 4)
    x0, y0, x1, y1 = found[0]
    assert 200 < x0 < x1 < 456 and 20 <= y0 < y1 < 276
    assert 0.7 < (x1 - x0) / (y1 - y0) < 1.0, "a face is higher than wide"
    with MediaPipeFaces(min_face=200) as faces:
        assert len(faces([cv2.resize(wall, None, fx=0.5, fy=0.5)])[0]) == 0
