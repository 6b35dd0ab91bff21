"""Wavefront OBJ: positions, texture coordinates and faces; everything else in the file is skipped."""

from __future__ import annotations

import numpy as np

from h2h.io.mesh import Mesh, checked_mesh, fan


def parse_obj(data: bytes) -> Mesh:
    """Parse the contents of a file.

    Raises:
        ValueError: a line is no vertex, texture coordinate or face; the message has its number.
    """
    points: list[list[float]] = []
    coordinates: list[list[float]] = []
    triangles: list[tuple[int, int, int]] = []
    textured: list[tuple[int, int, int]] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        words = line.split()
        key = words[0] if words else b""
        try:
            if key == b"v":
                points.append([float(words[1]), float(words[2]), float(words[3])])
            elif key == b"vt":
                coordinates.append([float(words[1]), float(words[2])])
            elif key == b"f":
                corners = [word.split(b"/") for word in words[1:]]
                if len(corners) < 3:
                    raise ValueError("a face has three corners or more")
                triangles += fan([_index(corner[0], len(points)) for corner in corners])
                if all(len(corner) > 1 and corner[1] for corner in corners):
                    textured += fan([_index(corner[1], len(coordinates)) for corner in corners])
        except (ValueError, IndexError) as error:
            shown = line[:40].decode("ascii", "replace").strip()
            raise ValueError(f"line {number} ({shown!r}): {error}") from None
    texture = None
    if textured and len(textured) == len(triangles):
        texture = np.array(coordinates)[np.array(textured)]
    return checked_mesh(np.array(points).reshape(-1, 3), np.array(triangles, np.int64).reshape(-1, 3), texture)


def _index(word: bytes, count: int) -> int:
    """From 1 on, or backwards from the last one (-1)."""
    value = int(word)
    index = value - 1 if value > 0 else count + value
    if value == 0 or not 0 <= index < count:
        raise ValueError(f"there is no {value} among {count}")
    return index
