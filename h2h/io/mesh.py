"""Triangle meshes from Wavefront OBJ and Stanford PLY files, read as if they came from a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from h2h.errors import UserError
from h2h.io.regular_file import read_regular

MESH_SUFFIXES = (".obj", ".ply")
MOST_SHOWN = 200  # characters of an error, which may quote the file
REMEDY = "export the mesh again, as OBJ or PLY with vertices and faces, no finer than the camera resolves"


@dataclass(frozen=True)
class Mesh:
    """A surface of M triangles.

    Attributes:
        vertices: f32 (N, 3), as the file has them (also NaN).
        triangles: i32 (M, 3), indices of vertices.
        texture: f32 (M, 3, 2), texture coordinates of each corner, u right and v up, from the picture's lower left
            corner; None if the file has none.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    texture: np.ndarray | None = None


def read_mesh(path: Path) -> Mesh:
    """Read a mesh; polygons become fans of triangles.

    Raises:
        UserError: the file is missing, no regular file, of another kind, too large or damaged, or a face names a
            vertex that is not there.
    """
    from h2h.io.obj import parse_obj
    from h2h.io.ply import parse_ply

    parse = {".obj": parse_obj, ".ply": parse_ply}.get(path.suffix.lower())
    if parse is None:
        raise UserError(f"{path} is neither OBJ nor PLY", REMEDY)
    try:
        return parse(read_regular(path))
    except (OSError, ValueError, OverflowError) as error:
        raise UserError(f"{path} cannot be read: {str(error)[:MOST_SHOWN]}", REMEDY) from None


def checked_mesh(vertices: np.ndarray, triangles: np.ndarray, texture: np.ndarray | None) -> Mesh:
    """A mesh whose triangles name vertices that exist.

    Raises:
        ValueError: they do not.
    """
    if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(vertices):
        bad = int(((triangles < 0) | (triangles >= len(vertices))).any(axis=1).argmax())
        raise ValueError(f"triangle {bad} names the vertices {triangles[bad].tolist()}, there are {len(vertices)}")
    return Mesh(
        single_precision(vertices), triangles.astype(np.int32), None if texture is None else single_precision(texture)
    )


def single_precision(numbers: np.ndarray) -> np.ndarray:
    """The numbers as f32; those that are too large become infinite, which a check finds, without a warning."""
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def fan(corners: list[int]) -> list[tuple[int, int, int]]:
    """A polygon's triangles: (a, b, c), (a, c, d), ..."""
    return [(corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1)]
