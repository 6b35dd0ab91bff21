"""Measure where MediaPipe's face mesh lies on real faces, beside where it lies on renderings of the head model.

The correspondences that come from renderings miss those of photographs by a millimetre, alike for all people. This
fits two people, takes the mean of what is left in the axes of their heads, moves the points along the skin, and again.
The people must not be among those that `tracking.py` measures.

    python benchmarks/face_mesh_shift.py --work work    # rewrites h2h/head_models/data/face_mesh_shift.json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
from tracking_clips import fit_clip

from h2h.config import load_params
from h2h.head_models import dense_points
from h2h.head_models.surface import Surface
from h2h.tracking.fit import Cameras, in_plane, to_millimetres
from h2h.tracking.head_model import INTERNAL, HeadModel, load_head_model
from h2h.tracking.landmark_basis import OVAL

PEOPLE, FRAMES, ROUNDS = ("jolly", "obama"), 300, 6
DEPTH = 0.1  # what is seen from the front says little about depth


def left_over(work: Path, name: str, model: HeadModel) -> tuple[np.ndarray, np.ndarray]:
    """Normal equations (3, 3) and (3, 468) of a constant error of every point in the axes of the head."""
    with h5py.File(work / "landmarks" / f"{name}.h5") as file:
        landmarks, iris, confidence = (file[key][:FRAMES] for key in ("landmarks", "iris", "confidence"))
        dense = file["dense"][:FRAMES, :468, :2].astype(np.float64)
    with h5py.File(work / "frames" / f"{name}.h5") as file:
        segment = file["segment"][:FRAMES]
    found = fit_clip(model, (landmarks, iris, confidence, segment, dense), load_params().tracking.dense_weight)
    cameras = Cameras(found.scale, found.rotation, found.translation)
    points = np.stack([model.dense_points(model.shape(found.identity, e)) for e in found.expression])
    error = (in_plane(points, cameras.matrix) - to_millimetres(dense, cameras))[found.tracked]
    turn = cameras.matrix[found.tracked][:, :2].reshape(-1, 3)
    flat = error.transpose(0, 2, 1).reshape(len(turn), -1)
    return turn.T @ turn / len(error), turn.T @ flat / len(error)


def measure(work: Path) -> np.ndarray:
    """The shift of the 468 points, (468, 3), mm."""
    model = load_head_model(work / "head_model" / "head_model.h5")
    mean, skin = model.mean.astype(np.float64), model.triangles[model.region != INTERNAL]
    surface = Surface(mean, skin)
    inner = model.dense_weights.any(axis=1)
    inner[list(OVAL)] = False
    first = place = model.dense_points(mean)
    for number in range(ROUNDS):
        parts = [left_over(work, name, model) for name in PEOPLE]
        turn, error = (np.mean(part, axis=0) for part in zip(*parts, strict=True))
        moved = -np.linalg.solve(turn + DEPTH * np.eye(3), error).T * inner[:, None]
        _, triangle, weights = surface.nearest(place + moved)
        triangle = np.where(inner[:, None], skin[triangle], model.dense_triangles).astype(np.int32)
        weights = np.where(inner[:, None], weights, model.dense_weights).astype(np.float32)
        model = replace(model, dense_triangles=triangle, dense_weights=weights)
        before, place = place, model.dense_points(mean)
        print(f"round {number + 1}: moved by {np.median(np.linalg.norm((place - before)[inner], axis=1)):.2f} mm")
    return dense_points.SHIFT + place - first


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder of the artifacts")
    shift = measure(parser.parse_args().work)
    target = Path(dense_points.__file__).parent / "data" / "face_mesh_shift.json"
    rows = ",\n".join(json.dumps(row) for row in shift.round(2).tolist())
    target.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    print(f"wrote {target}: {np.median(np.linalg.norm(shift, axis=1)):.2f} mm in the median")
