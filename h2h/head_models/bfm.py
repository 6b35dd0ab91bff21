"""Basel Face Model: 2009 (.mat), 2017 and 2019 (.h5, statismo's layout)."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from h2h.errors import UserError
from h2h.head_models.matlab import read_matlab
from h2h.head_models.morphable_mesh import REMEDY, MorphableMesh, check_size, components, rows_of_points

LICENCE = "Basel Face Model, University of Basel: research licence of each user (faces.dmi.unibas.ch)"


def read_bfm2009(path: Path) -> MorphableMesh:
    """`01_MorphableModel.mat`: shapeMU, shapePC, shapeEV (standard deviations), tl (from 1); it has no expressions."""
    file = read_matlab(path, ("shapeMU", "shapePC", "shapeEV", "tl"))
    where = path.name
    return MorphableMesh(
        mean=rows_of_points(file["shapeMU"].ravel(), where, "shapeMU"),
        triangles=file["tl"].astype(np.int32) - 1,
        identity=components(file["shapePC"], file["shapeEV"], where, "shapePC"),
        expression=np.zeros((0, len(file["shapeMU"]) // 3, 3), np.float32),
        licence=LICENCE,
    )


def read_bfm_h5(path: Path) -> MorphableMesh:
    """`model2017-1_*.h5` and `model2019_*.h5`: shape/model, expression/model with pcaVariance, shape/representer."""
    where = path.name
    try:
        with h5py.File(path, "r") as file:
            shape, expression = (_statistics(file[name], where, name) for name in ("shape", "expression"))
            triangles = _numbers(file["shape/representer/cells"], where).T.astype(np.int32)
    except (OSError, KeyError) as error:
        raise UserError(f"{path} is no Basel Face Model of 2017 or 2019: {error}", REMEDY) from None
    if shape[0].shape != expression[0].shape:
        raise UserError(f"{where}: shape has {len(shape[0])} vertices, expression {len(expression[0])}", REMEDY)
    return MorphableMesh(shape[0] + expression[0], triangles, shape[1], expression[1], LICENCE)


def _statistics(group: h5py.Group, where: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    model = group["model"]
    variance = _numbers(model["pcaVariance"], where)
    if (variance < 0).any():
        raise UserError(f"{where}: {name} has a negative variance", REMEDY)
    mean = rows_of_points(_numbers(model["mean"], where).ravel(), where, f"{name}/model/mean")
    return mean, components(_numbers(model["pcaBasis"], where), np.sqrt(variance), where, f"{name}/model/pcaBasis")


def _numbers(dataset: h5py.Dataset, where: str) -> np.ndarray:
    check_size(dataset.nbytes, f"{where}: {dataset.name}")
    return dataset[:]
