"""How accurate, robust and fast the video fit is. The last line is JSON.

Synthetic videos have known parameters; half of their identities are heads that the model's components cannot make
(drawn from MakeHuman's controls without projection). With --work, the demo's clips are measured as well, on 60 points
of MediaPipe's mesh that no fit sees; their places on the model come from renderings and from other people.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the stage: for these matrices threads only wait

import numpy as np
from scipy.optimize import lsq_linear
from scipy.sparse import csr_matrix, hstack, identity, kron, vstack

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "tracking"))

from drawn_heads import draw_aligned_heads
from synthetic_video import SIZE, Video, synthetic_video
from tracking_clips import clips

from h2h.config import load_params
from h2h.evaluation.environment import processor
from h2h.head_models.dense_points import with_dense_points
from h2h.tracking.anny_head import build_anny_head
from h2h.tracking.camera import project
from h2h.tracking.fit import VideoFit, fit_video
from h2h.tracking.head_model import FACE, HeadModel
from h2h.tracking.live import LiveTracker
from h2h.tracking.rotation import quaternion_to_matrix
from h2h.tracking.settings import weights_of
from h2h.tracking.video_least_squares import DataTerm, Weights, second_differences, solve_video

FRAMES, PEOPLE = 300, 4
SOLVE_FRAMES, LONG_FRAMES = 1000, 20_000


@dataclass
class Errors:
    """Of one fitted synthetic video."""

    rotation: np.ndarray  # degrees, each frame
    correlation: float
    slope: float
    motion: np.ndarray  # mm, each frame: RMS error of the expression-caused motion
    jitter: float  # mm


def fit(model: HeadModel, landmarks: np.ndarray, weights: Weights, alternations: int) -> VideoFit:
    count = len(landmarks)
    iris = np.full((count, 2, 5, 2), np.nan)
    settings = load_params().tracking
    return fit_video(
        model,
        landmarks,
        iris,
        np.ones(count),
        np.zeros(count, int),
        weights,
        alternations,
        settings.contour,
        settings.max_residual,
    )


def motions(model: HeadModel, expression: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """What the expressions do to the vertices, (T, V, 3), their mean over time taken off."""
    moved = np.tensordot(expression, model.expression_basis[:, vertices], 1)
    return moved - moved.mean(axis=0)


def errors(model: HeadModel, video: Video, found: VideoFit) -> Errors:
    vertices = np.unique(model.triangles[model.region == FACE])
    ours, true = (motions(model, e, vertices) for e in (found.expression, video.expression))
    turn = np.einsum("tij,tij->t", quaternion_to_matrix(found.rotation), quaternion_to_matrix(video.rotation))
    angle = np.rad2deg(np.arccos(np.clip((turn - 1) / 2, -1, 1)))
    return Errors(
        angle,
        float((ours * true).sum() / np.sqrt((ours**2).sum() * (true**2).sum())),
        float((ours * true).sum() / (true**2).sum()),
        np.sqrt(((ours - true) ** 2).sum(axis=-1).mean(axis=-1)),
        float(np.sqrt((np.diff(ours, 2, axis=0) ** 2).sum(axis=-1).mean())),
    )


def displaced(video: Video, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks with half of the points of a tenth of the frames moved by 30 px, and which frames are whole."""
    landmarks, bad = video.landmarks.copy(), rng.permutation(len(video.landmarks))[: len(video.landmarks) // 10]
    for t in bad:
        points = rng.permutation(68)[:34]
        angle = rng.uniform(0, 2 * np.pi)
        landmarks[t, points] += 30 / SIZE * np.array([np.cos(angle), np.sin(angle)])
    return landmarks, np.setdiff1d(np.arange(len(landmarks)), bad)


def accuracy(model: HeadModel, weights: Weights, alternations: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(1000)
    outside = draw_aligned_heads(PEOPLE // 2, model, np.random.default_rng(seed + 1))
    inside = [model.neutral(rng.normal(size=len(model.identity_sigma)) * model.identity_sigma) for _ in outside]
    rows, spoiled_rows, single = [], [], []
    for i, neutral in enumerate([*inside, *outside]):
        video = synthetic_video(model, np.asarray(neutral, np.float64), FRAMES, rng)
        whole = errors(model, video, fit(model, video.landmarks, weights, alternations))
        landmarks, kept = displaced(video, rng)
        spoiled = errors(model, video, fit(model, landmarks, weights, alternations))
        alone = [fit(model, video.landmarks[t : t + 1], weights, alternations).expression for t in range(FRAMES)]
        frames = replaced(fit(model, video.landmarks[:1], weights, 1), np.concatenate(alone), video)
        jitter = errors(model, video, frames).jitter
        rows.append(whole)
        single.append(whole.jitter / jitter)
        spoiled_rows.append(
            max(
                np.median(spoiled.rotation[kept]) / np.median(whole.rotation[kept]),
                spoiled.motion[kept].mean() / whole.motion[kept].mean(),
            )
        )
        print(
            f"{'inside ' if i < len(inside) else 'outside'} the span: "
            f"rotation {np.median(whole.rotation):.2f} degrees, "
            f"expression motion r {whole.correlation:.3f} slope {whole.slope:.3f}, "
            f"jitter {whole.jitter:.3f} mm ({single[-1]:.2f} of per-frame fits'), "
            f"errors x {spoiled_rows[-1]:.2f} with displaced landmarks"
        )
    return {
        "rotation_degrees": float(np.median(np.concatenate([r.rotation for r in rows]))),
        "expression_correlation": float(np.mean([r.correlation for r in rows])),
        "expression_slope_off_one": float(np.mean([abs(r.slope - 1) for r in rows])),
        "jitter_over_per_frame": float(np.mean(single)),
        "growth_with_displaced_landmarks": float(np.mean(spoiled_rows)),
    }


def replaced(found: VideoFit, expression: np.ndarray, video: Video) -> VideoFit:
    return VideoFit(
        found.identity,
        expression,
        video.scale,
        video.rotation,
        video.translation,
        found.gaze,
        found.residual,
        found.tracked,
    )


def rows_of(count: int, n_i: int, n_e: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A video's equations with 68 points: every frame's matrices are turned differently, as by its camera."""
    rng = np.random.default_rng(seed)
    basis_i = rng.normal(size=(68, 3, n_i)) * np.geomspace(3, 0.3, n_i)
    basis_e = rng.normal(size=(68, 3, n_e)) * np.geomspace(2, 0.2, n_e)
    steps = np.cumsum(rng.normal(size=(count, n_e)), axis=0)
    z_e = 1.5 * (steps - steps.mean(axis=0)) / steps.std(axis=0)
    z_i = 1.5 * rng.normal(size=n_i)
    turn = quaternion_to_matrix(np.array([1, 0, 0, 0]) + 0.2 * rng.normal(size=(count, 4)))[:, :2]
    e, i = (np.einsum("tcd,pdk->tpck", turn, b).reshape(count, 136, -1) for b in (basis_e, basis_i))
    right = np.einsum("trk,tk->tr", e, z_e) + i @ z_i + 0.5 * rng.normal(size=(count, 136))
    return e, i, right


def live_speed(model: HeadModel, weights: Weights) -> dict[str, float]:
    """The live form on a synthetic video with irises, jaw line included."""
    rng = np.random.default_rng(3)
    video = synthetic_video(model, model.mean.astype(np.float64), FRAMES, rng)
    found = fit(model, video.landmarks[:50], weights, 4)
    tracker = LiveTracker(model, found.identity, weights)
    eyes = video.landmarks[:, [[36, 39], [42, 45]]].mean(axis=2)
    seconds = []
    for points, eye in zip(video.landmarks, eyes, strict=True):
        began = time.perf_counter()
        tracker(points, np.repeat(eye[:, None], 5, axis=1))
        seconds.append(time.perf_counter() - began)
    print(f"live: median {1000 * np.median(seconds):.2f} ms a frame, 95% below {1000 * np.quantile(seconds, 0.95):.2f}")
    return {"live_ms_a_frame": 1000 * float(np.median(seconds))}


def solve_speed() -> dict[str, float]:
    """Our solver and SciPy's reflective trust-region method on the same 1000 frames."""
    n_i, n_e = 100, 30
    weights = Weights(1, 0.1, 1, 10, 2.0, 2.5)
    e, i, right = rows_of(SOLVE_FRAMES, n_i, n_e, 0)
    segment = np.zeros(SOLVE_FRAMES, int)
    began = time.perf_counter()
    data = DataTerm(SOLVE_FRAMES, n_i, n_e)
    for t in range(SOLVE_FRAMES):
        data.set(t, e[t], i[t], right[t])
    z_id, z_exp = solve_video(data, segment, weights)
    ours = time.perf_counter() - began

    size = SOLVE_FRAMES * n_e
    frame_rows = csr_matrix(
        (e.ravel(), np.tile(np.arange(size).reshape(SOLVE_FRAMES, 1, n_e), (1, 136, 1)).ravel(),
         np.arange(0, e.size + 1, n_e)), shape=(SOLVE_FRAMES * 136, size),
    )  # fmt: skip
    top = hstack([frame_rows, csr_matrix(i.reshape(-1, n_i))])
    smooth = np.sqrt(weights.smoothness) * kron(second_differences(segment), identity(n_e))
    prior = identity(size + n_i, format="csr").multiply(
        np.sqrt(np.r_[np.full(size, weights.expression), np.full(n_i, weights.identity * SOLVE_FRAMES)])[:, None]
    )
    matrix = vstack([top, hstack([smooth, csr_matrix((smooth.shape[0], n_i))]), prior]).tocsr()
    b = np.concatenate([right.ravel(), np.zeros(matrix.shape[0] - right.size)])
    bound = np.r_[np.full(size, weights.expression_bound), np.full(n_i, weights.identity_bound)]
    cost = lambda x: 0.5 * float(((matrix @ x - b) ** 2).sum())  # noqa: E731
    mine = np.concatenate([z_exp.ravel(), z_id])
    at_bound = int((np.abs(mine) >= bound * (1 - 1e-9)).sum())
    began = time.perf_counter()
    # of its two inner solvers "exact" needs the dense matrix: 166,000 x 30,100 numbers, 40 GB
    plain = lsq_linear(matrix, b, (-bound, bound), method="trf", lsq_solver="lsmr", tol=1e-10, lsmr_tol="auto")
    theirs = time.perf_counter() - began
    print(
        f"{SOLVE_FRAMES} frames, {at_bound} of {len(mine)} unknowns at their bounds: ours {ours:.2f} s, "
        f"scipy lsq_linear(trf, lsmr) {theirs:.1f} s ({plain.nit} steps), "
        f"cost ours / scipy {cost(mine) / cost(plain.x):.9f}"
    )
    return {
        "solve_speedup": theirs / ours,
        "solve_ms_a_frame": 1000 * ours / SOLVE_FRAMES,
        "solve_cost_over_scipy": cost(mine) / cost(plain.x),
    }


def long_video(frames: int) -> None:
    """Fit a long video, all points of MediaPipe's mesh included; prints the peak memory of this process in GB."""
    params = load_params()
    model = with_dense_points(laptop_model(params), params.seed)
    s = params.tracking
    video = synthetic_video(model, model.mean.astype(np.float64), 500, np.random.default_rng(0))
    shapes = (model.dense_points(model.shape(np.zeros(len(model.identity_sigma)), e)) for e in video.expression)
    dense = project(np.stack(list(shapes)), video.scale, video.rotation, video.translation)[..., :2]
    times = frames // 1000
    landmarks = np.tile(np.concatenate([video.landmarks, video.landmarks[::-1]]), (times, 1, 1))
    dense = np.tile(np.concatenate([dense, dense[::-1]]), (times, 1, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    fit_video(
        model, landmarks, np.full((frames, 2, 5, 2), np.nan), np.ones(frames), np.zeros(frames, int), weights_of(s), 2,
        s.contour, s.max_residual, dense, s.dense_weight,
    )  # fmt: skip
    print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)


def laptop_model(params) -> HeadModel:
    h = params.head_model
    return build_anny_head(h.samples, h.identity, h.expression, params.seed)


GOALS = {
    "rotation_degrees": (0.7, "<="),
    "expression_correlation": (0.97, ">="),
    "expression_slope_off_one": (0.1, "<="),
    "jitter_over_per_frame": (0.25, "<="),
    "growth_with_displaced_landmarks": (1.1, "<="),
    "solve_speedup": (20, ">="),
    "solve_ms_a_frame": (2, "<="),
    "solve_cost_over_scipy": (1 + 1e-6, "<="),
    "held_out_over_per_frame": (1, "<="),  # of our own fit, all points; then with the papers' 68
    "held_out_over_per_frame_68": (1, "<="),
    "eye_r": (0.97, ">="),
    "eye_gain_off_one": (0.1, "<="),
    "mouth_r": (0.97, ">="),
    "mouth_gain_off_one": (0.1, "<="),
    "live_ms_a_frame": (3, "<="),
    "memory_gb_20000_frames": (2, "<="),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", type=int, help="only fit a video of so many frames and print the peak memory")
    parser.add_argument("--parts", nargs="+", default=["accuracy", "live", "speed", "memory"])
    parser.add_argument("--work", type=Path, help="also measure the clips whose landmarks are in this folder")
    chosen = parser.parse_args()
    if chosen.long:
        long_video(chosen.long)
        return
    print(processor())
    params = load_params()
    s, model = params.tracking, laptop_model(params)
    figures: dict[str, float] = {}
    if "accuracy" in chosen.parts:
        figures |= accuracy(model, weights_of(s), s.alternations, params.seed)
    if chosen.work:
        figures |= clips(chosen.work, with_dense_points(model, params.seed))
    if "live" in chosen.parts:
        figures |= live_speed(model, weights_of(s))
    if "speed" in chosen.parts:
        figures |= solve_speed()
    if "memory" in chosen.parts:
        run = [sys.executable, __file__, "--long", str(LONG_FRAMES)]
        figures["memory_gb_20000_frames"] = float(
            subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()[-1]
        )
    report = {}
    for name, value in figures.items():
        goal, op = GOALS[name]
        met = value >= goal if op == ">=" else value <= goal
        report[name] = {"value": round(value, 9 if "cost" in name else 3), "goal": goal, "op": op, "met": bool(met)}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
