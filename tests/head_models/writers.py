"""Writes the open model's face in each published model's format."""

import json
import pickle
import struct
import sys
import types

import flatbuffers
import h5py
import numpy as np
from scipy.io import savemat
from scipy.sparse import csc_matrix


def write_lsfm(folder, face):
    fmod = {
        "mean": face.mean.reshape(-1, 1),
        "faces": face.triangles + 1,
        "id_basis": face.columns("identity") * face.identity_sigma,
        "exp_basis": face.columns("expression"),
        "IDlands": (face.landmarks + 1)[:, None].astype(np.float64),
    }
    savemat(folder / "all_all_all.mat", {"fmod": fmod})
    (folder / "lsfm_exp_30.dat").write_bytes(flatbuffer(face))
    return folder / "all_all_all.mat"


def flatbuffer(face):
    builder = flatbuffers.Builder(1024)
    parts = []
    for component, sigma in reversed(list(zip(face.expression, face.expression_sigma, strict=True))):
        points = builder.CreateNumpyVector(component.ravel())
        builder.StartObject(2)
        builder.PrependUOffsetTRelativeSlot(0, points, 0)
        builder.PrependFloat32Slot(1, float(sigma), 0.0)
        parts.append(builder.EndObject())
    builder.StartVector(4, len(parts), 4)
    for part in parts:
        builder.PrependUOffsetTRelative(part)
    components = builder.EndVector()
    points = builder.CreateNumpyVector(face.mean.ravel())
    triangles = builder.CreateNumpyVector(face.triangles.astype(np.uint32).ravel())
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(0, points, 0)
    builder.PrependUOffsetTRelativeSlot(1, triangles, 0)
    mesh = builder.EndObject()
    builder.StartObject(3)
    builder.PrependUint16Slot(0, 2, 0)
    builder.PrependUOffsetTRelativeSlot(1, mesh, 0)
    builder.PrependUOffsetTRelativeSlot(2, components, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())


def write_bfm2009(path, face):
    savemat(
        path,
        {
            "shapeMU": face.mean.reshape(-1, 1) * 1000,  # micrometres
            "shapePC": face.columns("identity"),
            "shapeEV": face.identity_sigma[:, None] * 1000,
            "tl": (face.triangles + 1).astype(np.float64),
        },
    )
    return path


def write_bfm2017(path, face, **changed):
    with h5py.File(path, "w") as file:
        for name, kind in (("shape", "identity"), ("expression", "expression")):
            mean = face.mean.ravel() if name == "shape" else np.zeros(face.mean.size, np.float32)
            file[f"{name}/model/mean"] = mean
            file[f"{name}/model/pcaBasis"] = face.columns(kind)
            file[f"{name}/model/pcaVariance"] = getattr(face, f"{kind}_sigma") ** 2
            file[f"{name}/representer/cells"] = face.triangles.T
            file[f"{name}/representer/points"] = face.mean.T
        for key, value in changed.items():
            place = key.replace("__", "/")
            del file[place]
            file[place] = value
    return path


def flame(face):
    """FLAME's dictionary: 300 identity and 20 expression directions, five joints."""
    rng = np.random.default_rng(0)
    count = len(face.mean)
    mixed = rng.normal(size=(300, len(face.identity))).astype(np.float32) * 0.1
    mixed[: len(face.identity)] = np.diag(face.identity_sigma)
    identity = np.tensordot(mixed, face.identity, 1)
    expression = face.expression * face.expression_sigma[:, None, None]
    weights = np.zeros((count, 5), np.float32)
    chin = face.mean[:, 1] < face.mean[face.landmarks[66], 1]
    weights[np.arange(count), np.where(chin, 2, 1)] = 1
    regressor = np.zeros((5, count))
    regressor[2, :10] = 0.1
    return {
        "v_template": face.mean / 1000,
        "f": face.triangles.astype(np.uint32),
        "shapedirs": np.moveaxis(np.concatenate([identity, expression]), 0, -1) / 1000,
        "weights": weights,
        "J_regressor": regressor,
    }


def write_flame_pkl(path, data, embedding=None):
    """With chumpy's variables and Python 2's protocol, as the release has them."""
    module = types.ModuleType("chumpy.ch")
    module.Ch = type("Ch", (), {"__module__": "chumpy.ch"})
    sys.modules |= {"chumpy": types.ModuleType("chumpy"), "chumpy.ch": module}
    try:
        variable = module.Ch()
        variable.__dict__.update(x=data["shapedirs"], _dirty_vars=set(), _cached={})
        stored = data | {"shapedirs": variable, "J_regressor": csc_matrix(data["J_regressor"]), "bs_style": "lbs"}
        path.write_bytes(pickle.dumps(stored, protocol=2))
        if embedding is not None:
            (path.parent / "flame_static_embedding.pkl").write_bytes(pickle.dumps(embedding, protocol=2))
    finally:
        del sys.modules["chumpy"], sys.modules["chumpy.ch"]
    return path


def write_obj(path, points, quads):
    with path.open("w") as file:
        file.write("# comment\nmtllib x.mtl\n")
        file.writelines(f"v {x:.6f} {y:.6f} {z:.6f}\n" for x, y, z in points)
        file.write("vt 0 0\ng face\nusemtl M_Face\n")
        file.writelines("f " + " ".join(f"{v + 1}/1" for v in quad) + "\n" for quad in quads)


def write_ict(folder, face):
    folder.mkdir()
    half = len(face.triangles) // 2  # the open model's quads: triangle i and i + half share a diagonal
    quads = np.concatenate([face.triangles[:half], face.triangles[half:, 2:]], axis=1)
    unit = 0.1  # centimetres
    write_obj(folder / "generic_neutral_mesh.obj", face.mean * unit, quads)
    for i in range(3):
        write_obj(folder / f"identity{i:03d}.obj", (face.mean + face.identity[i] * face.identity_sigma[i]) * unit, [])
    names = ["jawOpen", "mouthSmile_L", "eyeBlink_R", "browInnerUp_L"]
    for i, name in enumerate(names):
        write_obj(folder / f"{name}.obj", (face.mean + face.expression[i] * face.expression_sigma[i]) * unit, [])
    facts = {"expressions": [*names, "eyeLookUp_L"], "idx_to_landmark_verts": face.landmarks.tolist()}
    (folder / "vertex_indices.json").write_text(json.dumps(facts))
    return folder, quads


def matrix(values):
    values = np.asarray(values, "<f4").reshape(len(values), -1)
    return struct.pack("<ii", *values.shape) + values.tobytes(order="F")


def statistics(mean, basis, variance, triangles):
    cells = np.asarray(triangles, "<i4")
    return matrix(mean) + matrix(basis) + matrix(variance) + struct.pack("<Q", len(cells)) + cells.tobytes()


def blendshapes(face, unit=1.0):
    shapes = face.expression[:6] * face.expression_sigma[:6, None, None] * unit
    named = (struct.pack("<Q", 4) + b"joy" + bytes([48 + i]) + matrix(s.reshape(-1, 1)) for i, s in enumerate(shapes))
    return struct.pack("<Q", len(shapes)) + b"".join(named)


def write_surrey(path, face, version=1, expression=b""):
    shape = statistics(
        face.mean.reshape(-1, 1), face.columns("identity"), face.identity_sigma[:, None] ** 2, face.triangles
    )
    empty = np.zeros((0, 1))
    colour = struct.pack("<ii", 0, 0) * 3 + struct.pack("<Q", 0)
    assert empty.size == 0
    path.write_bytes(struct.pack("<I", version) + shape + colour + expression + struct.pack("<Q", 0))
    return path
