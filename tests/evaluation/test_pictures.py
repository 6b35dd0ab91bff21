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


def test_heat_is_dark_at_zero_and_saturates():
    found = pictures.heat(np.array([[0.0, 100.0, 200.0]]))
    assert found[0, 0].max() < 10 and (found[0, 1] == found[0, 2]).all() and found[0, 1].max() > 200


def test_evenly():
    assert pictures.evenly(100, 3) == [0, 50, 99] and pictures.evenly(2, 6) == [0, 1]


def test_same_curves_same_file(tmp_path):
    for name in ("a.svg", "b.svg"):
        pictures.curves({"mask": [1.0, 0.5], "d": [0.1, float("nan")]}, [1, 2], tmp_path / name, "t")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
