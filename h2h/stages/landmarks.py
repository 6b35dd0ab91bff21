"""Stage landmarks: 68 iBUG points, both irises and a confidence for every frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.errors import Rejected
from h2h.io.h5 import PACKED, reading, writing


def run(name: str, output: Path, cfg: Sections, *, frames: Path) -> dict[str, Any]:
    """Detect 68 iBUG points and both irises in every frame (MediaPipe, or FAN when its weights are there)."""
    from h2h.landmarks.fan import FanDetector
    from h2h.landmarks.mediapipe_mesh import MeshDetector
    from h2h.landmarks.smoothing import nearest_good, smooth_points

    settings = cfg.landmarks
    found: list[Any] = []
    with reading(frames) as source:
        segment, time = source["segment"][:], source["time"][:]
        with MeshDetector() if settings.method == "mediapipe" else FanDetector() as detector:
            for i in tqdm(range(len(segment)), desc=f"{name}: landmarks", unit="frame", leave=False):
                if i and segment[i] != segment[i - 1]:
                    detector.reset()
                found.append(detector(source["frames"][i]))
    confidence = np.array([0.0 if points is None else points.confidence for points in found], np.float32)
    confidence[confidence < settings.min_confidence] = 0
    missing = np.flatnonzero(confidence == 0)
    if len(missing) > settings.max_missing * len(found) or len(missing) == len(found):
        raise Rejected(
            f"no landmarks in {len(missing)} of {len(found)} frames, the first at {time[missing[0]]:.1f} s "
            f"(frame {missing[0]})",
            "cut away the parts in which the face is hidden or turned away, or raise landmarks.max_missing",
        )
    best = [found[i] for i in nearest_good(confidence > 0, segment)]
    arrays = {key: np.stack([getattr(points, key) for points in best]) for key in ("landmarks", "iris", "dense")}
    if settings.smooth_frames:
        arrays = {key: smooth_points(value, segment, settings.smooth_frames) for key, value in arrays.items()}
    with writing(output) as writer:
        for key, value in arrays.items():
            writer.file.create_dataset(key, data=value, **PACKED)
        writer.file["confidence"] = confidence
    return {"frames": len(found), "missing": len(missing), "method": settings.method}
