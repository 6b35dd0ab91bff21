import numpy as np

from h2h.evaluation import pictures


def test_grid_places_rows_and_columns():
    red, blue = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    found = pictures.grid({"a": [red, blue], "b": [blue]}, side=20, label_width=50)
    assert found.shape == (40, 90, 3)
    assert found[10, 60].tolist() == [255, 0, 0] and found[10, 80].tolist() == [0, 0, 255]
    assert found[30, 60].tolist() == [0, 0, 255] and found[30, 80].tolist() == [255, 255, 255]
    assert found[:, :50].min() < 100  # the labels are drawn
    assert (pictures.grid({"a": [red, blue], "b": [blue]}, side=20, label_width=0) == found[:, 50:]).all()


def test_heat_is_dark_at_zero_and_saturates():
    found = pictures.heat(np.array([[0.0, 100.0, 200.0]]))
    assert found[0, 0].max() < 10 and (found[0, 1] == found[0, 2]).all() and found[0, 1].max() > 200


def test_evenly():
    assert pictures.evenly(100, 3) == [0, 50, 99] and pictures.evenly(2, 6) == [0, 1]


def test_jpeg_of_a_png_is_the_same_picture():
    import cv2

    picture = np.full((16, 16, 3), (200, 50, 10), np.uint8)
    back = cv2.imdecode(np.frombuffer(pictures.jpeg_of_png(pictures.to_png(picture)), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(back[..., ::-1].astype(int) - picture).max() < 6
