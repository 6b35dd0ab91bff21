"""ICT-FaceKit (MIT): a folder of OBJ files with one topology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from h2h.errors import UserError
from h2h.head_models.blendshapes import expressions_from_blendshapes
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh
from h2h.io.mesh import read_mesh

NEUTRAL, INDICES = "generic_neutral_mesh.obj", "vertex_indices.json"
LICENCE = "ICT-FaceKit, USC Institute for Creative Technologies (MIT)"
GAZE, OPTIONAL = "eyeLook", ("tongueOut",)  # eyes are turned by the gaze images, not by expressions


def read_ict(path: Path) -> MorphableMesh:
    """`FaceXModel/`: the neutral mesh, identity000.obj ... (one standard deviation each), and its expressions."""
    folder = path if path.is_dir() else path.parent
    face = read_mesh(folder / NEUTRAL)
    neutral, triangles = face.vertices, face.triangles
    facts = _indices(folder / INDICES)
    names = [str(n) for n in facts["expressions"] if not str(n).startswith(GAZE) and n not in OPTIONAL]
    if any(Path(name).name != name for name in names):
        raise UserError(f"{folder / INDICES}: an expression's name is a path", REMEDY)
    identities = sorted(folder.glob("identity[0-9][0-9][0-9].obj"))
    shapes = _offsets([folder / f"{name}.obj" for name in names], neutral)
    return MorphableMesh(
        mean=neutral,
        triangles=triangles,
        identity=_offsets(identities, neutral),
        expression=expressions_from_blendshapes(shapes) if len(shapes) else shapes,
        licence=LICENCE,
        landmarks={i: int(v) for i, v in enumerate(facts["idx_to_landmark_verts"])},
    )


def _offsets(paths: list[Path], neutral: np.ndarray) -> np.ndarray:
    found = np.zeros((len(paths), *neutral.shape), np.float32)
    for row, path in zip(found, paths, strict=True):
        points = read_mesh(path).vertices
        if points.shape != neutral.shape:
            raise UserError(f"{path} has {len(points)} vertices, {NEUTRAL} has {len(neutral)}", REMEDY)
        row[:] = points - neutral
    return found


def _indices(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return {key: list(facts[key]) for key in ("expressions", "idx_to_landmark_verts")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} cannot be read: {error!r}", REMEDY) from None
