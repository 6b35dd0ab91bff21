"""Surrey Face Model and other models in the format of the eos library: cereal's binary archive, little-endian."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from h2h.errors import UserError
from h2h.head_models.blendshapes import expressions_from_blendshapes
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh, components, rows_of_points

T = TypeVar("T")
BLENDSHAPES = "expression_blendshapes_*.bin"
LICENCE = "Surrey Face Model, University of Surrey: non-commercial use (cvssp.org/facemodel)"
PCA, SHAPES = 0, 1  # alternatives of the expression model


def read_surrey(path: Path) -> MorphableMesh:
    """`sfm_shape_*.bin`, with the expressions inside it or in an `expression_blendshapes_*.bin` beside it."""
    archive = _Archive(path)
    version = archive.number("I")
    if not 1 <= version <= 4:
        raise UserError(f"{path} has version {version} of the eos format; known are 1 to 4", REMEDY)
    mean, identity, triangles = archive.statistics()
    archive.statistics()  # colour
    expression = archive.optional(lambda: archive.expressions(identity.shape[1])) if version >= 2 else None
    if expression is None:
        same = path.with_name(BLENDSHAPES.replace("*", path.stem.rsplit("_", 1)[-1]))
        beside = same if same.exists() else next(iter(sorted(path.parent.glob(BLENDSHAPES))), None)
        shapes = _Archive(beside).blendshapes() if beside else np.zeros((0, *mean.shape), np.float32)
        expression = expressions_from_blendshapes(shapes) if len(shapes) else shapes
    return MorphableMesh(mean, triangles, identity, expression, LICENCE)


class _Archive:
    """Reads one value after the other, and never past the end of the file."""

    def __init__(self, path: Path):
        self.path, self.data, self.at = path, path.read_bytes(), 0

    def take(self, count: int) -> memoryview:
        if count < 0 or self.at + count > len(self.data):
            raise UserError(f"{self.path} is truncated or no file of the eos library (byte {self.at})", REMEDY)
        self.at += count
        return memoryview(self.data)[self.at - count : self.at]

    def number(self, kind: str) -> int:
        return struct.unpack("<" + kind, self.take(struct.calcsize("<" + kind)))[0]

    def matrix(self) -> np.ndarray:
        rows, columns = self.number("i"), self.number("i")
        if rows < 0 or columns < 0:
            raise UserError(f"{self.path}: a matrix of {rows} x {columns} (byte {self.at})", REMEDY)
        return np.frombuffer(self.take(4 * rows * columns), "<f4").reshape(columns, rows).T

    def optional(self, read: Callable[[], T]) -> T | None:
        return None if self.number("B") else read()

    def statistics(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A PCA model: mean (N, 3), components (k, N, 3) and triangles (M, 3)."""
        mean, basis, variance = self.matrix(), self.matrix(), self.matrix()
        triangles = np.frombuffer(self.take(12 * self.number("Q")), "<i4").reshape(-1, 3).astype(np.int32)
        where = self.path.name
        if not mean.size:
            return np.zeros((0, 3), np.float32), np.zeros((0, 0, 3), np.float32), triangles
        if (variance < 0).any():
            raise UserError(f"{where}: a negative variance", REMEDY)
        points = rows_of_points(mean.ravel(), where, "mean")
        return points, components(basis, np.sqrt(variance), where, "basis"), triangles

    def expressions(self, vertices: int) -> np.ndarray:
        if self.number("i") == PCA:
            return self.statistics()[1]
        shapes = self.blendshapes()
        return expressions_from_blendshapes(shapes) if len(shapes) else np.zeros((0, vertices, 3), np.float32)

    def blendshapes(self) -> np.ndarray:
        """Named offsets: f32 (k, N, 3)."""
        found = []
        for _ in range(self.number("Q")):
            self.take(self.number("Q"))  # its name
            found.append(rows_of_points(self.matrix().ravel(), self.path.name, "a blendshape"))
        if len({shape.shape for shape in found}) > 1:
            raise UserError(f"{self.path}: blendshapes of different sizes", REMEDY)
        return np.stack(found) if found else np.zeros((0, 0, 3), np.float32)
