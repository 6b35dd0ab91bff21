"""Published head models with a hundred vertices, as files of exactly their formats: what fuzzing starts from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "head_models"))
import writers

SIDE = 11


@dataclass
class Sheet:
    """What `writers` wants to know of a face: a waved sheet with a few components."""

    mean: np.ndarray
    triangles: np.ndarray
    identity: np.ndarray
    identity_sigma: np.ndarray
    expression: np.ndarray
    expression_sigma: np.ndarray
    landmarks: np.ndarray

    def columns(self, kind: str) -> np.ndarray:
        """(3N, k), as most files have it."""
        basis = getattr(self, kind)
        return np.ascontiguousarray(basis.reshape(len(basis), -1).T)


def sheet() -> Sheet:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    mean = np.stack([columns, rows, np.sin(columns) + np.cos(rows)], axis=-1).reshape(-1, 3).astype(np.float32) * 10
    corner = (rows * SIDE + columns)[:-1, :-1].ravel()
    upper = np.stack([corner, corner + SIDE, corner + 1], axis=1)
    triangles = np.concatenate([upper, upper[:, ::-1] + [SIDE, 0, 1]]).astype(np.int32)
    modes = rng.normal(size=(16, len(mean), 3)).astype(np.float32)
    return Sheet(mean, triangles, modes[:8], np.arange(8, 0, -1.0), modes[8:], np.ones(8), np.arange(68))


def write_all(folder: Path) -> dict[str, tuple[Path, list[Path]]]:
    """Source -> what is read (a file or a folder), and the files that it is made of."""
    face, found = sheet(), {}
    for source in ("lsfm", "bfm2009", "bfm2017", "flame", "flame_npz", "ict", "surrey"):
        (folder / source).mkdir(parents=True)
    lsfm = writers.write_lsfm(folder / "lsfm", face)
    found["lsfm"] = lsfm, [lsfm, lsfm.with_name("lsfm_exp_30.dat")]
    for source, write, name in (
        ("bfm2009", writers.write_bfm2009, "01_MorphableModel.mat"),
        ("bfm2017", writers.write_bfm2017, "model2017-1_bfm_nomouth.h5"),
        ("surrey", writers.write_surrey, "sfm_shape_121.bin"),
    ):
        path = write(folder / source / name, face)
        found[source] = path, [path]
    shapes = folder / "surrey/expression_blendshapes_121.bin"
    shapes.write_bytes(writers.blendshapes(face))
    found["surrey"][1].append(shapes)
    data = writers.flame(face)
    pkl = writers.write_flame_pkl(folder / "flame/generic_model.pkl", data)
    found["flame"] = pkl, [pkl]
    npz = folder / "flame_npz/flame.npz"
    np.savez_compressed(npz, **data)
    found["flame_npz"] = npz, [npz]
    writers.write_ict(folder / "ict/FaceXModel", face)
    ict = folder / "ict/FaceXModel"
    found["ict"] = ict, [ict / "generic_neutral_mesh.obj", ict / "vertex_indices.json", ict / "jawOpen.obj"]
    return found
