"""How fast NMFC images are rasterised on one core, beside well-kept packages. The last line is JSON.

    pip install --no-deps trimesh embreex open3d    # what is not installed is left out of the table
    python benchmarks/nmfc.py

256 x 256, the default head model's face and eyes, moving every frame: whoever needs a search structure builds it
anew. Every method answers the same question, the triangle seen at each pixel's centre.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.render.gaze import eye_fan, fan_centres
from h2h.render.nmfc import region_triangles
from h2h.render.rasteriser import rasterise
from h2h.render.rasteriser_reference import rasterise_reference
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.camera import project

SIZE, FRAMES, ROUNDS = 256, 20, 5
GOAL = 5.0
Method = Callable[[np.ndarray, np.ndarray], np.ndarray]  # points (N, 3), px, and triangles -> (S, S) triangle or -1


def ours(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    return rasterise(points, triangles, SIZE, SIZE).triangle


def plain(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    return rasterise_reference(points, triangles, SIZE, SIZE).triangle


def rays() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    origins = np.stack([x.ravel(), y.ravel(), np.full(SIZE * SIZE, -1000.0)], axis=1)
    return origins, np.tile([0.0, 0.0, 1.0], (SIZE * SIZE, 1))


def embree() -> Method:
    import trimesh
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    origins, directions = rays()

    def cast(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
        mesh = trimesh.Trimesh(points, triangles, process=False, validate=False)
        return RayMeshIntersector(mesh).intersects_first(origins, directions).reshape(SIZE, SIZE)

    return cast


def open3d() -> Method:
    import open3d as o3d

    beams = o3d.core.Tensor(np.concatenate(rays(), axis=1).astype(np.float32))

    def cast(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
        scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        scene.add_triangles(o3d.core.Tensor(points.astype(np.float32)), o3d.core.Tensor(triangles.astype(np.uint32)))
        found = scene.cast_rays(beams, nthreads=1)["primitive_ids"].numpy().reshape(SIZE, SIZE)
        return np.where(found == scene.INVALID_ID, -1, found.astype(np.int64))

    return cast


def frames() -> tuple[list[np.ndarray], np.ndarray]:
    """A head that turns and talks: points in px, and the triangles of an NMFC image."""
    params = load_params()
    h = params.head_model
    model = build_anny_head(400, min(h.identity, 80), h.expression, params.seed)
    rng = np.random.default_rng(0)
    triangles = np.concatenate([model.triangles[region_triangles(model, params.nmfc.region)], eye_fan(model)])
    found = []
    for _ in range(FRAMES):
        vertices = model.shape(
            rng.normal(size=len(model.identity_sigma)) * 0.5 * model.identity_sigma,
            rng.normal(size=len(model.expression_sigma)) * model.expression_sigma,
        )
        vertices = np.concatenate([vertices, fan_centres(model, vertices)])
        turn = np.array([1.0, *rng.normal(size=3) * 0.12])
        found.append(project(vertices, 1.15 / SIZE, turn, np.array([0.5, 0.5])) * SIZE)
    return found, triangles


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(processor(), "- one core")
    scenes, triangles = frames()
    methods: dict[str, Method] = {"ours (Numba)": ours}
    for name, make in (("trimesh + embreex", embree), ("open3d", open3d)):
        try:
            methods[name] = make()
        except ImportError as error:
            print(f"{name}: not installed ({error})")
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(ROUNDS + 1):  # the first one compiles and warms up; the methods take turns
        for name, method in methods.items():
            began = time.perf_counter()
            for points in scenes:
                method(points, triangles)
            seconds[name].append((time.perf_counter() - began) / len(scenes))
    wanted = plain(scenes[0], triangles)
    best = {name: min(values[1:]) for name, values in seconds.items()}
    for name, value in best.items():
        same = (methods[name](scenes[0], triangles) == wanted).mean()
        print(f"{name:20} {1000 * value:8.2f} ms a frame, {same:.2%} of the pixels as the plain reference")
    others = [value for name, value in best.items() if name != "ours (Numba)"]
    if others:
        gain = round(min(others) / best["ours (Numba)"], 2)
        print(json.dumps({"nmfc_speedup": {"value": gain, "goal": GOAL, "op": ">=", "met": gain >= GOAL}}))
    else:
        print(json.dumps({"nmfc_speedup": {"value": None, "goal": GOAL, "op": ">=", "met": False}}))


if __name__ == "__main__":
    main()
