"""Each importer on a small file of exactly its format, which the test writes."""

import json
import pickle
import struct

import flatbuffers
import numpy as np
import pytest
from scipy.sparse import csc_matrix
from writers import (
    blendshapes,
    flame,
    statistics,
    write_bfm2009,
    write_bfm2017,
    write_flame_pkl,
    write_ict,
    write_lsfm,
    write_obj,
    write_surrey,
)

from h2h.errors import MissingAsset, UserError
from h2h.head_models.bfm import read_bfm2009, read_bfm_h5
from h2h.head_models.eos import read_surrey
from h2h.head_models.flame import JAW_DEVIATIONS, read_flame
from h2h.head_models.ict import read_ict
from h2h.head_models.lsfm import read_flatbuffer, read_lsfm
from h2h.head_models.morphable_mesh import checked


def same(mesh, face, unit=1.0, expressions=True):
    checked(mesh, "test")
    np.testing.assert_allclose(mesh.mean, face.mean * unit, rtol=1e-5, atol=1e-4 * unit)
    np.testing.assert_array_equal(mesh.triangles, face.triangles)
    wanted = face.identity * face.identity_sigma[:, None, None]
    np.testing.assert_allclose(mesh.identity, wanted * unit, rtol=1e-4, atol=1e-3 * unit)
    if expressions:
        wanted = face.expression * face.expression_sigma[:, None, None]
        np.testing.assert_allclose(mesh.expression, wanted * unit, rtol=1e-4, atol=1e-3 * unit)


def test_lsfm(tmp_path, face):
    mesh = read_lsfm(write_lsfm(tmp_path, face))
    same(mesh, face)
    assert [mesh.landmarks[i] for i in range(68)] == face.landmarks.tolist()


def test_lsfm_without_its_expressions_or_cut_short(tmp_path, face):
    path = write_lsfm(tmp_path, face)
    whole = (tmp_path / "lsfm_exp_30.dat").read_bytes()
    for size in (0, 3, 40, len(whole) // 2):
        (tmp_path / "lsfm_exp_30.dat").write_bytes(whole[:size])
        with pytest.raises(UserError, match="truncated"):
            read_lsfm(path)
    (tmp_path / "lsfm_exp_30.dat").unlink()
    with pytest.raises(MissingAsset, match="lsfm_exp_30"):
        read_lsfm(path)


def test_bfm2009(tmp_path, face):
    mesh = read_bfm2009(write_bfm2009(tmp_path / "01_MorphableModel.mat", face))
    same(mesh, face, unit=1000, expressions=False)
    assert mesh.expression.shape == (0, len(face.mean), 3)


def test_bfm2017(tmp_path, face):
    same(read_bfm_h5(write_bfm2017(tmp_path / "model2017-1_bfm_nomouth.h5", face)), face)


def test_bfm_files_that_do_not_fit_together(tmp_path, face):
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n truncated")
    with pytest.raises(UserError, match="no Basel Face Model"):
        read_bfm_h5(path)
    path.unlink()
    negative = -np.ones(len(face.identity_sigma), np.float32)
    with pytest.raises(UserError, match="negative variance"):
        read_bfm_h5(write_bfm2017(path, face, shape__model__pcaVariance=negative))
    with pytest.raises(UserError, match="7 deviations"):
        read_bfm_h5(write_bfm2017(path, face, shape__model__pcaVariance=np.ones(7, np.float32)))
    with pytest.raises(UserError, match="multiple of 3"):
        read_bfm_h5(write_bfm2017(path, face, shape__model__mean=face.mean.ravel()[:-1]))


def check_flame(mesh, face, data):
    checked(mesh, "test")
    np.testing.assert_allclose(mesh.mean, face.mean / 1000, atol=1e-6)
    assert len(mesh.identity) == 300 and len(mesh.expression) == 2 + len(face.expression)
    wanted = face.identity * face.identity_sigma[:, None, None] / 1000
    np.testing.assert_allclose(mesh.identity[: len(wanted)], wanted, atol=1e-6)
    np.testing.assert_allclose(mesh.expression[2:], np.moveaxis(data["shapedirs"], -1, 0)[300:], atol=1e-6)
    # the jaw against a true rotation about its joint
    angle = JAW_DEVIATIONS[0][1]
    joint, turn = mesh.mean[:10].mean(axis=0), np.eye(3)
    turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    moved = (mesh.mean - joint) @ turn.T + joint - mesh.mean
    chin = data["weights"][:, 2] > 0
    np.testing.assert_allclose(mesh.expression[0][chin], moved[chin], atol=2e-3)
    assert not mesh.expression[0][~chin].any()


def test_flame_pickle(tmp_path, face):
    data = flame(face)
    faces = [int(np.flatnonzero((face.triangles == v).any(axis=1))[0]) for v in face.landmarks[17:]]
    weights = (face.triangles[faces] == face.landmarks[17:, None]).astype(np.float64)
    path = write_flame_pkl(tmp_path / "g.pkl", data, {"lmk_face_idx": np.array(faces), "lmk_b_coords": weights})
    mesh = read_flame(path)
    check_flame(mesh, face, data)
    assert mesh.landmarks == {i: int(v) for i, v in enumerate(face.landmarks) if i >= 17}


def test_flame_npz(tmp_path, face):
    data = flame(face)
    np.savez(tmp_path / "flame.npz", **data)
    mesh = read_flame(tmp_path / "flame.npz")
    check_flame(mesh, face, data)
    assert mesh.landmarks == {}


class Hostile:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return (open, (str(self.victim), "w"))


def test_a_hostile_pickle_runs_nothing(tmp_path):
    path = tmp_path / "generic_model.pkl"
    path.write_bytes(pickle.dumps({"v_template": Hostile(tmp_path / "victim")}, protocol=2))
    with pytest.raises(UserError, match="which no face model needs"):
        read_flame(path)
    assert not (tmp_path / "victim").exists()
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(UserError, match="cannot be read"):
        read_flame(path)


class Calls:
    """Pickles as a call of `function` with `arguments`, then a state."""

    def __init__(self, function, arguments, state=None):
        self.made = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize(
    "hostile",
    [
        Calls(np.ndarray, ((1,), "O", b"AAAAAAAA")),  # an array over bytes of its choice
        Calls(np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 0)),
        {"v_template": Calls(csc_matrix, (), {"__array_interface__": {"data": (0x4141, False), "shape": (4, 3)}})},
        Calls(set, ([1],), {"a": 1}),
    ],
)
def test_no_array_is_made_the_way_a_pickle_says(hostile, tmp_path):
    path = tmp_path / "generic_model.pkl"
    path.write_bytes(pickle.dumps(hostile, protocol=2))
    with pytest.raises(UserError):
        read_flame(path)


def test_functions_cannot_be_changed_by_a_pickle(tmp_path):
    import copyreg

    path, before = tmp_path / "generic_model.pkl", copyreg._reconstructor.__defaults__
    path.write_bytes(b"\x80\x02ccopyreg\n_reconstructor\n}X\x0c\x00\x00\x00__defaults__K\x01\x85sb.")
    with pytest.raises(UserError, match="changes a function"):
        read_flame(path)
    assert copyreg._reconstructor.__defaults__ == before
    path.write_bytes(b"\x80\x02}r\xff\xff\xff\x3f.")  # would make Python allocate 17 GB
    with pytest.raises(UserError, match="refers to value number"):
        read_flame(path)


def test_arrays_of_a_pickle_must_fit_their_bytes(tmp_path):
    path = tmp_path / "generic_model.pkl"
    good = pickle.dumps({"v_template": np.arange(12, dtype=np.float32).reshape(4, 3)}, protocol=2)
    assert good.count(b"K\x04K\x03\x86") == 1
    path.write_bytes(good.replace(b"K\x04K\x03\x86", b"K\x40K\x03\x86"))
    with pytest.raises(UserError, match="with 48 bytes"):
        read_flame(path)


def test_a_joint_regressor_with_indices_outside(tmp_path, face):
    data = flame(face)
    path = write_flame_pkl(tmp_path / "g.pkl", data)
    bad = csc_matrix(data["J_regressor"])
    bad.indices[0] = 2**30
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("writers.csc_matrix", lambda dense: bad)
        write_flame_pkl(path, data)
    with pytest.raises(UserError, match="J_regressor cannot be read"):
        read_flame(path)


def test_a_flatbuffer_whose_components_share_their_numbers(tmp_path):
    builder = flatbuffers.Builder(1024)
    points = builder.CreateNumpyVector(np.zeros(3000, np.float32))
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, points, 0)
    part = builder.EndObject()
    builder.StartVector(4, 500, 4)
    for _ in range(500):
        builder.PrependUOffsetTRelative(part)
    components = builder.EndVector()
    triangles = builder.CreateNumpyVector(np.zeros(3, np.uint32))
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(1, triangles, 0)
    mesh = builder.EndObject()
    builder.StartObject(3)
    builder.PrependUOffsetTRelativeSlot(1, mesh, 0)
    builder.PrependUOffsetTRelativeSlot(2, components, 0)
    builder.Finish(builder.EndObject())
    (tmp_path / "bomb.dat").write_bytes(bytes(builder.Output()))
    with pytest.raises(UserError, match="overlap"):
        read_flatbuffer(tmp_path / "bomb.dat")


def test_flame_with_shapes_that_do_not_fit(tmp_path, face):
    data = flame(face)
    np.savez(tmp_path / "flame.npz", **data | {"weights": data["weights"][:-1]})
    with pytest.raises(UserError, match="do not fit"):
        read_flame(tmp_path / "flame.npz")
    np.savez(tmp_path / "flame.npz", **data | {"shapedirs": data["shapedirs"][..., :80]})
    with pytest.raises(UserError, match="80 shape directions"):
        read_flame(tmp_path / "flame.npz")


def test_ict(tmp_path, face):
    folder, quads = write_ict(tmp_path / "FaceXModel", face)
    mesh = checked(read_ict(folder), "test")
    np.testing.assert_allclose(mesh.mean, face.mean * 0.1, atol=1e-5)
    assert len(mesh.triangles) == 2 * len(quads)
    assert set(map(tuple, np.sort(mesh.triangles))) == set(map(tuple, np.sort(face.triangles)))
    wanted = face.identity[:3] * face.identity_sigma[:3, None, None] * 0.1
    np.testing.assert_allclose(mesh.identity, wanted, atol=1e-5)
    shapes = (face.expression[:4] * face.expression_sigma[:4, None, None] * 0.1).reshape(4, -1)
    flat = mesh.expression.reshape(4, -1)  # another basis of the same four shapes
    fitted = np.linalg.lstsq(flat.T, shapes.T, rcond=None)[0]
    np.testing.assert_allclose(flat.T @ fitted, shapes.T, atol=1e-4)
    assert mesh.landmarks[30] == face.landmarks[30]


def test_ict_with_a_missing_or_odd_file(tmp_path, face):
    folder, _ = write_ict(tmp_path / "FaceXModel", face)
    write_obj(folder / "jawOpen.obj", face.mean[:-1], [])
    with pytest.raises(UserError, match=r"jawOpen\.obj has \d+ vertices"):
        read_ict(folder)
    (folder / "jawOpen.obj").unlink()
    with pytest.raises(UserError, match=r"jawOpen\.obj cannot be read"):
        read_ict(folder)
    facts = json.loads((folder / "vertex_indices.json").read_text())
    (folder / "vertex_indices.json").write_text(json.dumps(facts | {"expressions": ["../../etc/passwd"]}))
    with pytest.raises(UserError, match="is a path"):
        read_ict(folder)


def test_surrey_with_blendshapes_beside_it(tmp_path, face):
    path = write_surrey(tmp_path / "sfm_shape_3448.bin", face)
    assert read_surrey(path).expression.shape == (0, len(face.mean), 3)
    (tmp_path / "expression_blendshapes_16759.bin").write_bytes(b"another resolution's")
    (tmp_path / "expression_blendshapes_3448.bin").write_bytes(blendshapes(face))
    mesh = read_surrey(path)
    same(mesh, face, expressions=False)
    assert mesh.expression.shape == (6, len(face.mean), 3)


def test_eos_with_expressions_inside(tmp_path, face):
    zeros = np.zeros((face.mean.size, 1))
    inner = statistics(zeros, face.columns("expression"), face.expression_sigma[:, None] ** 2, face.triangles)
    same(read_surrey(write_surrey(tmp_path / "a.bin", face, 2, b"\0" + struct.pack("<i", 0) + inner)), face)
    shapes = b"\0" + struct.pack("<i", 1) + blendshapes(face)
    assert len(read_surrey(write_surrey(tmp_path / "b.bin", face, 2, shapes)).expression) == 6
    assert len(read_surrey(write_surrey(tmp_path / "c.bin", face, 2, b"\1")).expression) == 0


def test_eos_cut_short_anywhere(tmp_path, face):
    path = write_surrey(tmp_path / "a.bin", face)
    whole = path.read_bytes()
    for size in (0, 2, 4, 9, 1000, len(whole) // 2, len(whole) - 60):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match="truncated"):
            read_surrey(path)
    path.write_bytes(struct.pack("<I", 9) + whole[4:])
    with pytest.raises(UserError, match="version 9"):
        read_surrey(path)
