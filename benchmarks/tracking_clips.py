"""The part of `tracking.py` that measures real clips: held-out points, and whether eyes and mouth open as detected."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from h2h.config import load_params
from h2h.tracking.camera import project
from h2h.tracking.fit import VideoFit
from h2h.tracking.gaze import opening
from h2h.tracking.head_model import LEFT_EYE, RIGHT_EYE, HeadModel
from h2h.tracking.settings import fit_as_set

CLIPS, CLIP_FRAMES = ("franck", "audun", "langer"), 400
HELD_OUT = (
    1, 12, 23, 29, 38, 45, 51, 60, 71, 80, 88, 96, 106, 114, 121, 128, 138, 145, 156, 166, 174, 183, 189, 196, 204,
    210, 217, 223, 229, 237, 243, 250, 257, 264, 273, 279, 287, 298, 306, 316, 324, 333, 342, 348, 355, 364, 372, 383,
    393, 401, 408, 415, 421, 428, 434, 440, 447, 453, 461, 467,
)  # fmt: skip


def clips(work: Path, model: HeadModel) -> dict[str, float]:
    """The demo's clips: held-out points, opening of eyes and mouth, ours beside per-frame fits of the same model."""
    worst = {"held_out_over_per_frame": 0.0, "held_out_over_per_frame_68": 0.0}
    worst |= {"eye_r": 1.0, "eye_gain_off_one": 0.0, "mouth_r": 1.0, "mouth_gain_off_one": 0.0}
    for name in CLIPS:
        with h5py.File(work / "landmarks" / f"{name}.h5") as file:
            landmarks, iris = file["landmarks"][:CLIP_FRAMES], file["iris"][:CLIP_FRAMES]
            confidence = file["confidence"][:CLIP_FRAMES]
            dense = file["dense"][:CLIP_FRAMES, :468, :2].astype(np.float64)
        with h5py.File(work / "frames" / f"{name}.h5") as file:
            segment = file["segment"][:CLIP_FRAMES]
        wanted, kept = dense[:, HELD_OUT].copy(), dense
        kept[:, HELD_OUT] = np.nan
        seen = (landmarks, iris, confidence, segment, kept)
        whole, sparse = (fit_clip(model, seen, weight) for weight in (load_params().tracking.dense_weight, 0.0))
        weight = load_params().tracking.dense_weight
        single, single_sparse = (
            [fit_clip(model, tuple(x[t : t + 1] for x in seen), w) for t in range(0, len(landmarks), 4)]
            for w in (weight, 0.0)
        )
        apart = np.linalg.norm(landmarks[:, 36] - landmarks[:, 45], axis=1)

        def miss(found: VideoFit, wanted: np.ndarray, apart: np.ndarray) -> np.ndarray:
            points = np.stack(
                [model.dense_points(model.shape(found.identity, e))[list(HELD_OUT)] for e in found.expression]
            )
            seen = project(points, found.scale, found.rotation, found.translation)[..., :2]
            return np.linalg.norm(seen - wanted, axis=-1) / apart[:, None]

        ours, theirs = miss(whole, wanted, apart), miss(sparse, wanted, apart)
        alone, alone_sparse = (
            np.concatenate([miss(f, wanted[4 * i : 4 * i + 1], apart[4 * i : 4 * i + 1]) for i, f in enumerate(fits)])
            for fits in (single, single_sparse)
        )
        points = np.stack([model.landmarks(model.shape(whole.identity, e)) for e in whole.expression])
        fitted = project(points, whole.scale, whole.rotation, whole.translation)[..., :2]
        eye, mouth = (follows(f(landmarks), f(fitted), whole.tracked) for f in (eyes_open, mouth_open))
        print(
            f"{name}: held-out points miss by {np.median(ours):.2%} of the eye corners' distance "
            f"({np.median(theirs):.2%} with 68 landmarks alone; frame by frame {np.median(alone):.2%}, "
            f"with 68 landmarks {np.median(alone_sparse):.2%}); "
            f"eyes r {eye[0]:.3f} gain {eye[1]:.2f}, mouth r {mouth[0]:.3f} gain {mouth[1]:.2f}"
        )
        for key, reference in (("", alone), ("_68", alone_sparse)):
            ratio = float(np.median(ours) / np.median(reference))
            worst[f"held_out_over_per_frame{key}"] = max(worst[f"held_out_over_per_frame{key}"], ratio)
        for key, (r, gain) in (("eye", eye), ("mouth", mouth)):
            worst[f"{key}_r"] = min(worst[f"{key}_r"], r)
            worst[f"{key}_gain_off_one"] = max(worst[f"{key}_gain_off_one"], abs(gain - 1))
    return worst


def fit_clip(model: HeadModel, seen: tuple[np.ndarray, ...], dense_weight: float) -> VideoFit:
    s = load_params().tracking.model_copy(update={"dense_weight": dense_weight})
    landmarks, iris, confidence, segment, dense = seen
    return fit_as_set(model, s, landmarks, iris, confidence, segment, dense)


def eyes_open(points: np.ndarray) -> np.ndarray:
    return (opening(points[:, RIGHT_EYE]) + opening(points[:, LEFT_EYE])) / 2


def mouth_open(points: np.ndarray) -> np.ndarray:
    wide = np.linalg.norm(points[:, 36] - points[:, 45], axis=1)
    return np.linalg.norm(points[:, 62] - points[:, 66], axis=1) / wide


def follows(detected: np.ndarray, fitted: np.ndarray, tracked: np.ndarray) -> tuple[float, float]:
    """Correlation and slope of the fitted opening against the detected one."""
    a, b = detected[tracked], fitted[tracked]
    return float(np.corrcoef(a, b)[0, 1]), float(np.cov(a, b)[0, 1] / a.var(ddof=1))
