"""What every importer reads from its file, before landmarks, eyes and regions are added."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from h2h.errors import UserError

REMEDY = "get the file again from where it is given out; docs/head_model.md says what each format must hold"
LEAST_VERTICES, LEAST_TRIANGLES = 100, 100
MOST_BYTES = 1 << 30  # of a file unpacked; the largest published models have 0.5 GB


@dataclass(frozen=True)
class MorphableMesh:
    """A linear face model in its own axes and unit; a component is worth one standard deviation.

    Attributes:
        mean: f32 (N, 3).
        triangles: i32 (M, 3).
        identity: f32 (n_i, N, 3), offsets for one standard deviation.
        expression: f32 (n_e, N, 3), the same; n_e may be 0.
        landmarks: iBUG number, from 0, -> vertex; may be empty.
        licence: who may use it.
    """

    mean: np.ndarray
    triangles: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    licence: str
    landmarks: dict[int, int] = field(default_factory=dict)


def checked(mesh: MorphableMesh, where: str) -> MorphableMesh:
    """The mesh itself, if its arrays fit each other and the numbers make sense.

    Raises:
        UserError: a wrong shape, a triangle or landmark that names no vertex, a value that is not finite, a component
            that does nothing, a mesh too small to be a face.
    """
    count = len(mesh.mean)
    shapes = {"mean": (count, 3), "identity": (len(mesh.identity), count, 3)}
    shapes["expression"] = (len(mesh.expression), count, 3)
    for name, wanted in shapes.items():
        found = getattr(mesh, name)
        if found.shape != wanted:
            raise UserError(f"{where}: {name} has the shape {found.shape}, not {wanted}", REMEDY)
        if not np.isfinite(found).all():
            raise UserError(f"{where}: {name} holds values that are not finite", REMEDY)
    if count < LEAST_VERTICES or len(mesh.triangles) < LEAST_TRIANGLES or not len(mesh.identity):
        raise UserError(
            f"{where}: {count} vertices, {len(mesh.triangles)} triangles, {len(mesh.identity)} identity components: "
            "too few for a face",
            REMEDY,
        )
    if mesh.triangles.ndim != 2 or mesh.triangles.shape[1] != 3:
        raise UserError(f"{where}: triangles have the shape {mesh.triangles.shape}, not (M, 3)", REMEDY)
    if mesh.triangles.min() < 0 or mesh.triangles.max() >= count:
        raise UserError(f"{where}: a triangle names a vertex outside 0 to {count - 1}", REMEDY)
    for number, vertex in mesh.landmarks.items():
        if not (0 <= number < 68 and 0 <= vertex < count):
            raise UserError(f"{where}: landmark {number} names vertex {vertex} of {count}", REMEDY)
    for name in ("identity", "expression"):
        still = np.flatnonzero(np.abs(getattr(mesh, name)).max(axis=(1, 2), initial=0) == 0)
        if len(still):
            raise UserError(f"{where}: {name} component {still[0]} moves nothing (a standard deviation of 0?)", REMEDY)
    return mesh


def check_size(size: int, where: str) -> None:
    """Refuse a small file that unpacks into a huge one.

    Raises:
        UserError: `size`, in bytes, is more than `MOST_BYTES`.
    """
    if size > MOST_BYTES:
        raise UserError(f"{where} unpacks to more than {MOST_BYTES >> 30} GiB, which no face model has", REMEDY)


def rows_of_points(values: np.ndarray, where: str, name: str) -> np.ndarray:
    """(3N,), (3N, 1) or (3N, k) with x, y, z in turn -> f32 (N, 3) or (k, N, 3).

    Raises:
        UserError: the length is no multiple of 3.
    """
    values = np.asarray(values, np.float32)
    flat = values.reshape(len(values), -1) if values.ndim > 1 else values[:, None]
    if flat.shape[0] % 3:
        raise UserError(f"{where}: {name} has {flat.shape[0]} rows, which is no multiple of 3", REMEDY)
    points = np.ascontiguousarray(flat.T).reshape(flat.shape[1], -1, 3)
    return points[0] if values.ndim == 1 or values.shape[1] == 1 else points


def components(basis: np.ndarray, deviations: np.ndarray, where: str, name: str) -> np.ndarray:
    """Columns (3N, k) times their standard deviations (k,) -> f32 (k, N, 3).

    Raises:
        UserError: another number of deviations, or one that is negative.
    """
    basis, deviations = np.asarray(basis, np.float32), np.asarray(deviations, np.float32).ravel()
    if basis.ndim != 2 or basis.shape[1] != len(deviations):
        raise UserError(f"{where}: {name} has the shape {basis.shape}, but {len(deviations)} deviations", REMEDY)
    if not (deviations >= 0).all():
        raise UserError(f"{where}: {name} has a negative standard deviation", REMEDY)
    points = rows_of_points(basis * deviations, where, name)
    return points if points.ndim == 3 else points[None]
