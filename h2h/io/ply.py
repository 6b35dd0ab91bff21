"""Stanford PLY, ASCII and binary: the elements `vertex` and `face`; others are skipped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from h2h.io.mesh import Mesh, checked_mesh, fan, single_precision

MOST_HEADER = 1 << 16  # bytes
MOST_INDEX = 1 << 31
TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "float": "f4",
    "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8",
}  # fmt: skip
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "<"}
INDICES = ("vertex_indices", "vertex_index")
TEXTURE = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"))
ENDS = "the file ends before its header says"


@dataclass(frozen=True)
class _Property:
    """A number, or a list of them behind its length."""

    name: str
    kind: np.dtype
    length: np.dtype | None = None


@dataclass(frozen=True)
class _Element:
    name: str
    size: int
    properties: list[_Property]


def parse_ply(data: bytes) -> Mesh:
    """Parse the contents of a file.

    Raises:
        ValueError: it is no PLY file, ends before its header says, or has a list where a number belongs or a number
            where a list belongs.
    """
    elements, start, ascii_numbers = _header(data)
    _check_kinds(elements)
    if ascii_numbers:  # all numbers as doubles: from here on there is one kind of file
        data, start = np.array([float(word) for word in data[start:].split()], "<f8").tobytes(), 0
    vertices, texture, triangles = None, None, np.zeros((0, 3), np.int64)
    for element in elements:
        columns, start = _columns(data, start, element)
        if element.name == "vertex":
            vertices = _side_by_side(columns, ("x", "y", "z"))
            texture = next((_side_by_side(columns, pair) for pair in TEXTURE if set(pair) <= set(columns)), None)
        elif element.name == "face":
            triangles = _triangles(next((columns[key] for key in INDICES if key in columns), []))
    if vertices is None:
        raise ValueError("it has no element vertex")
    mesh = checked_mesh(vertices, triangles, None)
    return mesh if texture is None else replace(mesh, texture=single_precision(texture)[mesh.triangles])


def format_ply(mesh: Mesh) -> bytes:
    """The contents of a binary file with a mesh's vertices and triangles."""
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(mesh.vertices)}\nproperty float x\n"
        f"property float y\nproperty float z\nelement face {len(mesh.triangles)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    faces = np.zeros(len(mesh.triangles), [("length", "u1"), ("corners", "<i4", 3)])
    faces["length"], faces["corners"] = 3, mesh.triangles
    return header.encode() + mesh.vertices.astype("<f4").tobytes() + faces.tobytes()


def _header(data: bytes) -> tuple[list[_Element], int, bool]:
    """Elements, where their data begin, and whether these are text."""
    head, mark, _ = data[:MOST_HEADER].partition(b"end_header")
    newline = data.find(b"\n", len(head))
    if not data.startswith(b"ply") or not mark or newline < 0:
        raise ValueError("it does not begin with a PLY header")
    order, text, elements = None, False, []
    for line in head.decode("ascii", "replace").splitlines()[1:]:
        words = line.split()
        try:
            if words[:1] == ["format"]:
                order, text = ORDERS[words[1]], words[1] == "ascii"
            elif words[:1] == ["element"]:
                elements.append(_Element(words[1], int(words[2]), []))
            elif words[:1] == ["property"]:
                kinds = [np.dtype("<f8" if text else order + TYPES[word]) for word in words[1:-1] if word != "list"]
                elements[-1].properties.append(_Property(words[-1], *reversed(kinds)))
        except (KeyError, IndexError, ValueError, TypeError):
            raise ValueError(f"the header's line {line[:60]!r} cannot be understood") from None
    if any(element.size < 0 for element in elements):
        raise ValueError("an element has a negative count")
    return elements, newline + 1, text


def _check_kinds(elements: list[_Element]) -> None:
    """Coordinates are numbers, and a face's corners are a list."""
    numbers = {"x", "y", "z"}.union(*TEXTURE)
    for element in elements:
        for prop in element.properties:
            if element.name == "vertex" and prop.name in numbers and prop.length:
                raise ValueError(f"{prop.name} of its vertices is a list, not a number")
            if element.name == "face" and prop.name in INDICES and not prop.length:
                raise ValueError(f"{prop.name} of its faces is a number, not a list")


def _columns(data: bytes, start: int, element: _Element) -> tuple[dict[str, np.ndarray | list], int]:
    """An element's properties by name, and where the next element begins."""
    if not element.properties or not element.size:
        return {p.name: np.zeros((0, 3) if p.length else 0) for p in element.properties}, start
    row, _ = _row(data, start, element.properties)
    kind = np.dtype([field for p in element.properties for field in _fields(p, len(np.atleast_1d(row[p.name])))])
    if start + element.size * kind.itemsize <= len(data):
        rows = np.frombuffer(data, kind, element.size, start)
        lists = [p for p in element.properties if p.length]
        if all((rows["length of " + p.name] == len(row[p.name])).all() for p in lists):
            return {p.name: rows[p.name] for p in element.properties}, start + rows.nbytes
    columns: dict[str, list] = {p.name: [] for p in element.properties}
    for _ in range(element.size):  # lists of several lengths
        row, start = _row(data, start, element.properties)
        for name, value in row.items():
            columns[name].append(value)
    return columns, start


def _fields(prop: _Property, length: int) -> list[tuple]:
    if prop.length is None:
        return [(prop.name, prop.kind)]
    return [("length of " + prop.name, prop.length), (prop.name, prop.kind, (length,))]


def _row(data: bytes, start: int, properties: list[_Property]) -> tuple[dict[str, np.ndarray], int]:
    row = {}
    for prop in properties:
        length = 1
        if prop.length:
            count = _take(data, start, prop.length, 1)[0]
            length, start = int(count), start + prop.length.itemsize
        value = _take(data, start, prop.kind, length)
        row[prop.name], start = value if prop.length else value[0], start + value.nbytes
    return row, start


def _take(data: bytes, start: int, kind: np.dtype, count: int) -> np.ndarray:
    if count < 0 or start + count * kind.itemsize > len(data):
        raise ValueError(ENDS)
    return np.frombuffer(data, kind, count, start)


def _side_by_side(columns: dict[str, np.ndarray | list], names: tuple[str, ...]) -> np.ndarray:
    missing = [name for name in names if name not in columns]
    if missing:
        raise ValueError(f"its vertices have no {', '.join(missing)}")
    return np.stack([np.asarray(columns[name], np.float64) for name in names], axis=1)


def _triangles(polygons: np.ndarray | list) -> np.ndarray:
    if isinstance(polygons, np.ndarray):
        _check_indices(polygons)
        parts = [polygons[:, [0, i, i + 1]] for i in range(1, polygons.shape[1] - 1)]
        return np.stack(parts, axis=1).reshape(-1, 3).astype(np.int64) if parts else np.zeros((0, 3), np.int64)
    for polygon in polygons:
        _check_indices(polygon)
    triangles = [triangle for polygon in polygons for triangle in fan(polygon.tolist())]
    return np.array(triangles, np.int64).reshape(-1, 3)


def _check_indices(indices: np.ndarray) -> None:
    """In text all numbers are read as doubles, and those would be rounded to indices."""
    if indices.dtype.kind == "f" and not ((np.abs(indices) < MOST_INDEX) & (indices == np.rint(indices))).all():
        raise ValueError("a face names a vertex by something else than a whole number")
