"""FLAME (2017 to 2023): .pkl, read without running anything in it, or .npz."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix

from h2h.errors import UserError
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh, check_size
from h2h.head_models.restricted_pickle import Record, read_pickle

IDENTITY = 300  # of the 400 shape directions; the others are expressions
JAW = 2  # joint
MOST_JOINTS = 100
# FLAME opens the jaw by a joint. Radians that count as one standard deviation, about x (open) and about y (sideways)
JAW_DEVIATIONS = ((0, 0.15), (1, 0.04))
EMBEDDING = "flame_static_embedding.pkl"
FIRST_INNER = 17  # the embedding has the 51 iBUG points from here on
LICENCE = "FLAME, Max Planck Institute for Intelligent Systems: licence of the release (flame.is.tue.mpg.de)"


def read_flame(path: Path) -> MorphableMesh:
    """v_template, f, shapedirs, and the jaw joint's rotation as two more expressions (linear for small angles)."""
    file = _read_npz(path) if path.suffix == ".npz" else _read_pkl(path)
    mean = _array(file, "v_template", path, np.float32)
    directions = _array(file, "shapedirs", path, np.float32)
    directions = np.moveaxis(directions, -1, 0) if directions.ndim == 3 else directions
    triangles = _array(file, "f", path, np.int64).astype(np.int32)
    weights = _array(file, "weights", path, np.float32)
    regressor = file["J_regressor"] if "J_regressor" in file else None
    if (
        mean.ndim != 2
        or mean.shape[1] != 3
        or directions.shape[1:] != mean.shape
        or weights.ndim != 2
        or len(weights) != len(mean)
        or weights.shape[1] <= JAW
    ):
        raise UserError(
            f"{path}: v_template {mean.shape}, shapedirs {directions.shape}, weights {weights.shape} do not fit", REMEDY
        )
    if len(directions) <= IDENTITY:
        raise UserError(f"{path} has {len(directions)} shape directions; FLAME has 300 of identity and more", REMEDY)
    joint = _matrix(regressor, len(mean), path)[JAW] @ mean
    return MorphableMesh(
        mean=mean,
        triangles=triangles,
        identity=directions[:IDENTITY],
        expression=np.concatenate([jaw_rotations(mean, weights[:, JAW], joint), directions[IDENTITY:]]),
        licence=LICENCE,
        landmarks=_landmarks(path.with_name(EMBEDDING), triangles),
    )


def jaw_rotations(mean: np.ndarray, weight: np.ndarray, joint: np.ndarray) -> np.ndarray:
    """What small rotations about the jaw joint do to each vertex, f32 (2, N, 3)."""
    found = []
    for axis, angle in JAW_DEVIATIONS:
        turned = np.cross(np.eye(3)[axis], mean - joint)
        found.append(angle * weight[:, None] * turned)
    return np.array(found, np.float32)


def _landmarks(path: Path, triangles: np.ndarray) -> dict[int, int]:
    if not path.exists():
        return {}
    embedding = read_pickle(path)
    try:
        face = np.asarray(embedding["lmk_face_idx"], np.int64)
        corner = np.asarray(embedding["lmk_b_coords"]).argmax(axis=1)
        vertices = triangles[face, corner].tolist()
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UserError(f"{path} is no landmark embedding: {error!r}", REMEDY) from None
    return {FIRST_INNER + i: vertex for i, vertex in enumerate(vertices)}


def _read_pkl(path: Path) -> dict[str, Any]:
    found = read_pickle(path)
    if not isinstance(found, dict):
        raise UserError(f"{path} holds {type(found).__name__}, not FLAME's dictionary", REMEDY)
    return found


def _read_npz(path: Path) -> dict[str, Any]:
    try:
        with np.load(path, allow_pickle=False) as file:
            check_size(sum(member.file_size for member in file.zip.infolist()), str(path))
            wanted = ("v_template", "f", "shapedirs", "weights", "J_regressor")
            return {name: file[name] for name in wanted if name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read: {error}", REMEDY) from None


def _array(file: dict[str, Any], name: str, path: Path, kind: type) -> np.ndarray:
    """An array, or what a chumpy variable holds."""
    if name not in file:
        raise UserError(f"{path} has no {name}", REMEDY)
    value = file[name]
    if isinstance(value, Record):
        value = value.fields.get("x")
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise UserError(f"{path}: {name} is no array of numbers", REMEDY)
    return value.astype(kind)


def _matrix(value: Any, columns: int, path: Path) -> np.ndarray:
    """A joint regressor, dense or SciPy's compressed columns: f64 (joints, columns)."""
    try:
        if isinstance(value, Record):
            parts = value.fields
            shape = tuple(int(n) for n in parts.get("_shape") or parts["shape"])
            if shape[1] != columns or not JAW < shape[0] <= MOST_JOINTS:
                raise ValueError(f"its shape is {shape}")
            sparse = csc_matrix((parts["data"], parts["indices"], parts["indptr"]), shape=shape)
            sparse.check_format(full_check=True)  # or indices outside would be written to
            value = sparse.toarray()
        if not isinstance(value, np.ndarray) or value.ndim != 2 or len(value) <= JAW or value.shape[1] != columns:
            raise ValueError("it is no matrix of joints and vertices")
        return value.astype(np.float64)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise UserError(f"{path}: J_regressor cannot be read: {error}", REMEDY) from None
