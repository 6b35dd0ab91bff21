"""Large Scale Facial Model as the Head2Head release uses it: all_all_all.mat beside lsfm_exp_30.dat."""

from __future__ import annotations

import struct
from pathlib import Path

import flatbuffers
import numpy as np
from flatbuffers.number_types import Float32Flags, UOffsetTFlags
from flatbuffers.table import Table

from h2h.errors import MissingAsset, UserError
from h2h.head_models.matlab import fields, read_matlab
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh, components, rows_of_points

EXPRESSIONS = "lsfm_exp_30.dat"
LICENCE = "Large Scale Facial Model, Imperial College London: licensed to each user (ibug.doc.ic.ac.uk/resources/lsfm)"
# Slots of the .dat file's tables, as flatbuffers counts them: 4 + 2 x the number of the field
MESH, COMPONENTS = 6, 8
POINTS, TRIANGLES = 4, 6
OFFSETS, DEVIATION = 4, 6


def read_lsfm(path: Path) -> MorphableMesh:
    """Identity from the .mat file; triangles and expressions from the flatbuffer that lies beside it.

    The identity components' columns are one standard deviation long already; the release bounds their coefficients
    to +-0.8. The expressions come with their standard deviations.
    """
    dat = path.with_name(EXPRESSIONS)
    if not dat.exists():
        raise MissingAsset(EXPRESSIONS, "the LSFM's authors, with all_all_all.mat", str(dat), "head_model.source: anny")
    names = ("mean", "id_basis", "IDlands")
    model = fields(read_matlab(path, ("fmod",))["fmod"], names, path)
    mean = rows_of_points(model["mean"].ravel(), path.name, "mean")
    basis = np.asarray(model["id_basis"])
    triangles, expression = read_flatbuffer(dat)
    landmarks = np.asarray(model["IDlands"]).ravel().astype(np.int64) - 1
    if len(landmarks) != 68:
        raise UserError(f"{path.name}: IDlands has {len(landmarks)} numbers, not 68", REMEDY)
    return MorphableMesh(
        mean=mean,
        triangles=triangles,
        identity=components(basis, np.ones(basis.shape[-1]), path.name, "id_basis"),
        expression=expression,
        licence=LICENCE,
        landmarks=dict(enumerate(landmarks.tolist())),
    )


def read_flatbuffer(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A serialised morphable model: triangles i32 (M, 3) and components f32 (k, N, 3), one deviation each.

    Raises:
        UserError: it is damaged.
    """
    data = bytearray(path.read_bytes())
    try:
        root = Table(data, flatbuffers.encode.Get(flatbuffers.packer.uoffset, data, 0))
        mesh = _table(root, MESH)
        triangles = _vector(mesh, TRIANGLES, np.dtype("<u4")).reshape(-1, 3).astype(np.int32)
        slot = root.Offset(COMPONENTS)
        if not slot:
            raise ValueError("it has no components")
        start, count = root.Vector(slot), root.VectorLen(slot)
        parts, taken = [], 0
        for i in range(count):
            part = Table(data, root.Indirect(start + i * UOffsetTFlags.bytewidth))
            deviation = part.Get(Float32Flags, part.Pos + part.Offset(DEVIATION)) if part.Offset(DEVIATION) else 1.0
            parts.append(deviation * _vector(part, OFFSETS, np.dtype("<f4")).reshape(-1, 3))
            taken += parts[-1].nbytes
            if taken > len(data):
                raise ValueError("its components overlap")
        return triangles, np.stack(parts)
    except (struct.error, IndexError, ValueError, TypeError) as error:
        raise UserError(f"{path} is no serialised morphable model, or is truncated: {error}", REMEDY) from None


def _table(table: Table, slot: int) -> Table:
    offset = table.Offset(slot)
    if not offset:
        raise ValueError(f"no table in slot {slot}")
    return Table(table.Bytes, table.Indirect(table.Pos + offset))


def _vector(table: Table, slot: int, kind: np.dtype) -> np.ndarray:
    offset = table.Offset(slot)
    if not offset:
        raise ValueError(f"no vector in slot {slot}")
    return np.frombuffer(table.Bytes, kind, table.VectorLen(offset), table.Vector(offset))
