import gzip

import numpy as np

from h2h.tracking.makehuman import read_base_mesh, read_target


def test_read_target_plain_and_compressed(tmp_path):
    text = "# a comment\n2 0.5 -1 0\n0 1e-2 0 3\n"
    (tmp_path / "a.target").write_text(text)
    (tmp_path / "b.target.gz").write_bytes(gzip.compress(text.encode()))
    expected = np.array([[0.01, 0, 3], [0, 0, 0], [0.5, -1, 0], [0, 0, 0]], np.float32)
    for name in ("a.target", "b.target.gz"):
        np.testing.assert_array_equal(read_target(tmp_path / name, 4), expected)


def test_read_base_mesh(tmp_path):
    lines = ["v 0 0 0", "v 1 0 0", "v 1 1 0", "v 0 1 0", "vt 0 0", "g body", "f 1/1 2/1 3/1 4/1", "g helper-x"]
    (tmp_path / "m.obj").write_text("\n".join([*lines, "f 4/1 3/1 2/1 1/1"]))
    mesh = read_base_mesh(tmp_path / "m.obj")
    assert mesh.vertices.shape == (4, 3)
    assert mesh.quads.tolist() == [[0, 1, 2, 3], [3, 2, 1, 0]]
    assert mesh.groups.tolist() == ["body", "helper-x"]
    assert mesh.charts.tolist() == [[0] * 4] * 2
