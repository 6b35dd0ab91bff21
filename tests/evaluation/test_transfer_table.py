import numpy as np

from h2h.evaluation import transfer_table


def test_rows_intervals_and_text():
    ours = {"frames": 200, "features": "dlib", "face_shape_distance": 1.2, "face_shape_distance_interval": (0.9, 1.5)}
    ours |= {"source_shape_distance": 3.0, "rotation_error": 2.5, "person_similarity": 0.95}
    sketch = {"frames": 200, "features": "dlib", "face_shape_distance": 2.75, "faces_missed": 4.0}
    found = {("franck", "audun", "sketch"): sketch, ("franck", "audun", "ours"): ours, ("ann", "bea", "ours"): ours}
    rows = transfer_table.rows(found, ["ours", "sketch"])
    assert rows[["target", "source", "experiment"]].to_numpy().tolist() == [
        ["ann", "bea", "ours"],
        ["franck", "audun", "ours"],
        ["franck", "audun", "sketch"],
    ]
    assert rows["face_shape_distance_low"][1] == 0.9 and np.isnan(rows["rotation_error"][2])
    nested = transfer_table.scores(rows)
    assert nested["audun drives franck"]["sketch"] == {"face_shape_distance": 2.75, "faces_missed": 4.0}
    text = transfer_table.markdown(rows, {"ours": "ours", "sketch": "drawn landmarks"})
    assert "| franck | audun | ours | – | 1.20 (0.90 to 1.50) | 3.00 | 0.950 |" in text
    assert "| franck | audun | drawn landmarks | – | 2.75 | – |" in text and "to the source, mm" in text
