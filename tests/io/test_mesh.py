import numpy as np
import pytest

from h2h.errors import UserError
from h2h.io.mesh import Mesh, read_mesh
from h2h.io.ply import format_ply

QUAD = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]], np.float32)
HEADER = "ply\nformat {}\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_obj_with_polygons_and_texture(tmp_path):
    lines = ["# a scan", "mtllib a.mtl", *(f"v {x} {y} {z} 0.5 0.5 0.5" for x, y, z in QUAD)]
    lines += [
        "vt 0 0",
        "vt 1 0",
        "vt 1 1",
        "vt 0 1",
        "vn 0 0 1",
        "usemtl a",
        "f 1/1/1 2/2/1 3/3/1 4/4/1",
        "f -4/1 -3/2 -2/3",
    ]
    mesh = read_mesh(written(tmp_path, "a.obj", "\r\n".join(lines)))
    np.testing.assert_array_equal(mesh.vertices, QUAD)
    np.testing.assert_array_equal(mesh.triangles, [[0, 1, 2], [0, 2, 3], [0, 1, 2]])
    np.testing.assert_array_equal(mesh.texture[1], [[0, 0], [1, 1], [0, 1]])
    assert mesh.vertices.dtype == np.float32 and mesh.triangles.dtype == np.int32 and mesh.texture.dtype == np.float32
    plain = read_mesh(written(tmp_path, "b.OBJ", "\n".join([*lines[:6], "f 1//1 2//1 3//1"])))
    assert plain.texture is None and plain.triangles.tolist() == [[0, 1, 2]]


def test_a_written_ply_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    mesh = Mesh(rng.normal(size=(50, 3)).astype(np.float32), rng.integers(0, 50, (80, 3)).astype(np.int32))
    back = read_mesh(written(tmp_path, "a.ply", format_ply(mesh)))
    np.testing.assert_array_equal(back.vertices, mesh.vertices)
    np.testing.assert_array_equal(back.triangles, mesh.triangles)


def test_ply_as_text_and_big_endian_with_other_elements_and_several_kinds_of_polygon(tmp_path):
    extra = "property uchar red\nproperty float s\nproperty float t\nelement camera 1\nproperty list uchar int view\n"
    faces = "element face 2\nproperty uchar flag\nproperty list uchar uint vertex_index\nend_header\n"
    rows = [[*point, 7, i / 4, 1 - i / 4] for i, point in enumerate(QUAD)]
    text = HEADER.format("ascii 1.0") + extra + faces
    text += "".join(" ".join(map(str, row)) + "\n" for row in rows) + "2 5 6\n9 4 0 1 2 3\n9 3 0 1 2\n"
    data = (HEADER.format("binary_big_endian 1.0") + extra + faces).encode()
    kind = np.dtype([("x", ">f4", 3), ("red", "u1"), ("st", ">f4", 2)])
    data += np.array([(row[:3], row[3], row[4:]) for row in rows], kind).tobytes()
    data += b"\x02" + np.array([5, 6], ">i4").tobytes()
    for corners in ([0, 1, 2, 3], [0, 1, 2]):
        data += bytes([9, len(corners)]) + np.array(corners, ">u4").tobytes()
    for name, contents in (("a.ply", text), ("b.ply", data)):
        mesh = read_mesh(written(tmp_path, name, contents))
        np.testing.assert_array_equal(mesh.vertices, QUAD)
        assert mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]
        np.testing.assert_allclose(mesh.texture[1], [[0, 1], [0.5, 0.5], [0.75, 0.25]])


def triangle(faces="3 0 1 2", count=1, **kinds):
    """A PLY file in text, with other kinds of some properties."""
    kinds = dict.fromkeys(("x", "y", "z", "s", "t"), "float") | {"vertex_indices": "list uchar int"} | kinds
    lines = ["ply", "format ascii 1.0", "element vertex 3", *(f"property {kinds[key]} {key}" for key in "xyzst")]
    lines += [f"element face {count}", f"property {kinds['vertex_indices']} vertex_indices", "end_header"]
    return "\n".join([*lines, "0 0 2 0 0", "0 1 2 0 1", "1 1 1 1 1", faces, ""])


def test_the_triangle_that_is_broken_below_is_a_good_one(tmp_path):
    mesh = read_mesh(written(tmp_path, "a.ply", triangle()))
    assert mesh.triangles.tolist() == [[0, 1, 2]] and mesh.texture.tolist() == [[[0, 0], [0, 1], [1, 1]]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["a.obj", "a.ply"])
def test_numbers_that_are_too_large_become_infinite_without_a_warning(tmp_path, name):
    obj = "v 0 0 1e300\nv 0 1 2\nv 1 1 1\nvt 1e300 0\nf 1/1 2/1 3/1\n"
    ply = triangle().replace("0 0 2 0 0", "0 0 1e300 1e300 0")
    mesh = read_mesh(written(tmp_path, name, {"a.obj": obj, "a.ply": ply}[name]))
    assert np.isinf(mesh.vertices[0, 2]) and np.isinf(mesh.texture[0, 0, 0])


@pytest.mark.parametrize(
    "name, contents, what",
    [
        ("a.obj", "v 0 0\n", r"line 1 \('v 0 0'\)"),
        ("a.obj", "v 0 0 0\nf 1 2 3\n", "line 2 .*there is no 2 among 1"),
        ("a.obj", "v 0 0 0\nf 1 1\n", "three corners"),
        ("a.obj", "v 0 0 0\nf 0 1 1\n", "no 0 among"),
        ("a.obj", "v 0 0 zero\n", "could not convert"),
        ("a.ply", "solid", "PLY header"),
        ("a.ply", "ply\nformat ascii 1.0\nend_header\n", "no element vertex"),
        ("a.ply", HEADER.format("ascii 1.0") + "end_header\n1 2 3\n", "ends before its header says"),
        ("a.ply", HEADER.format("zip 1.0") + "end_header\n", "'format zip 1.0'"),
        ("a.ply", HEADER.format("ascii 1.0").replace(" 4", " -4") + "end_header\n", "negative count"),
        ("a.ply", HEADER.format("ascii 1.0").replace(" 4", " 9999999999999") + "end_header\n1 2 3\n", "ends before"),
        ("a.ply", HEADER.format("ascii 1.0").replace("float z", "float w") + "end_header\n" + "0 " * 12, "have no z"),
        ("a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty list int int w\nend_header\ninf\n", "infinity"),
        ("a.ply", triangle(x="list uchar float"), "x of its vertices is a list, not a number"),
        ("a.ply", triangle(z="list int int"), "z of its vertices is a list, not a number"),
        ("a.ply", triangle(t="list int float"), "t of its vertices is a list, not a number"),
        ("a.ply", triangle(vertex_indices="int"), "vertex_indices of its faces is a number, not a list"),
        ("a.ply", triangle(faces="3 0 1 1.5"), "something else than a whole number"),
        ("a.ply", triangle(faces="3 0 1 nan"), "something else than a whole number"),
        ("a.ply", triangle(faces="4 0 1 2 1e300\n3 0 1 2", count=2), "something else than a whole number"),
        ("a.stl", "solid", "neither OBJ nor PLY"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, name, contents, what):
    with pytest.raises(UserError, match=what):
        read_mesh(written(tmp_path, name, contents))


def test_faces_with_vertices_that_are_not_there_are_refused(tmp_path):
    data = format_ply(Mesh(QUAD, np.array([[0, 1, 2], [0, 1, 9]], np.int32)))
    with pytest.raises(UserError, match=r"triangle 1 names the vertices \[0, 1, 9\], there are 4"):
        read_mesh(written(tmp_path, "a.ply", data))


def test_missing_files_and_long_lines_give_short_messages(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        read_mesh(tmp_path / "a.ply")
    with pytest.raises(UserError) as error:
        read_mesh(written(tmp_path, "b.obj", "v 0 0 " + "x" * 100_000))
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("seed", range(3))
def test_damaged_files_never_crash_a_reader(tmp_path, seed):
    """Random bytes of a good file are changed, and it is cut off: a mesh comes back, or a message."""
    rng = np.random.default_rng(seed)
    mesh = Mesh(rng.normal(size=(20, 3)).astype(np.float32), rng.integers(0, 20, (30, 3)).astype(np.int32))
    obj = "".join(f"v {x} {y} {z}\n" for x, y, z in mesh.vertices)
    obj += "".join(f"f {a} {b} {c}\n" for a, b, c in mesh.triangles + 1)
    for name, good in (("a.ply", format_ply(mesh)), ("a.obj", obj.encode())):
        refused = 0
        for _ in range(60):
            bad = bytearray(good[: int(rng.integers(1, len(good) + 1))] if rng.random() < 0.3 else good)
            for place in rng.integers(0, len(bad), 4):
                bad[place] = int(rng.integers(256))
            try:
                read = read_mesh(written(tmp_path, name, bytes(bad)))
                assert not read.triangles.size or 0 <= read.triangles.min() <= read.triangles.max() < len(read.vertices)
            except UserError:
                refused += 1
        assert refused
