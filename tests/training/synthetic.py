"""Synthetic people: moving ellipses with everything that a cache holds (docs/artifacts.md), drawn in closed form.

An ellipse (the head) moves over a still, striped background; a darker band (the mouth) opens and closes. The
conditional input shows normalised coordinates within the ellipse, so a network can learn to draw it, and the flow
is the motion's exact derivative. For tests and benchmarks only.
"""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

from h2h.io.cards import sha256
from h2h.io.h5 import PACKED


def write_cache(
    path: Path,
    name: str = "ellipse",
    frames: int = 60,
    size: int = 64,
    train_frames: int | None = None,
    seed: int = 0,
    cuts: tuple[int, ...] = (),
    role: str = "target",
    fps: float = 20.0,
    identity: int = 88,
) -> Path:
    """Write one person's cache.

    Args:
        path: the file.
        name: the person.
        frames: T.
        size: S, px.
        train_frames: by default all but the last quarter.
        seed: colours and motion.
        cuts: frames at which a new segment begins.
        role: attribute.
        fps: attribute.
        identity: length of the head model's identity vector.
    """
    rng = np.random.default_rng(seed)
    colours = rng.uniform(60, 250, (2, 3))
    speed, phase = rng.uniform(0.1, 0.25, 3), rng.uniform(0, 2 * np.pi, 3)
    t = np.arange(frames)
    centre = 0.5 + 0.1 * np.sin(t[:, None] * speed[:2] + phase[:2])
    mouth_open = 0.5 + 0.5 * np.sin(3 * t * speed[2] + phase[2])
    drawn = [draw(centre[i], mouth_open[i], colours, size) for i in t]
    picture, mask, nmfc, gaze = (np.stack([d[k] for d in drawn]) for k in range(4))
    segment = np.searchsorted(np.asarray(cuts), t, side="right").astype(np.int32)
    step = np.zeros((frames, 2))
    step[:-1] = np.diff(centre, axis=0) * size
    valid = np.zeros(frames, bool)
    valid[:-1] = segment[1:] == segment[:-1]
    flow = (mask[..., None] > 0) * step[:, None, None] * valid[:, None, None, None]
    data = {
        "frames": picture,
        "mask": mask,
        "nmfc": nmfc,
        "gaze": gaze,
        "flow": flow.astype(np.float16),
        "flow_valid": valid,
        "mouth": (centre + np.array([0, 0.15])).astype(np.float32),
        "segment": segment,
        "time": t / fps,
        "landmarks": _landmarks(centre),
        "tracked": np.ones(frames, bool),
    }
    data.update({f"tracking/{key}": value for key, value in _tracking(centre, mouth_open, rng, identity).items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for key, value in data.items():
            big = value.ndim > 2
            chunks = (min(4, frames), *value.shape[1:]) if big else None
            file.create_dataset(key, data=value, chunks=chunks, **(PACKED if big else {}))
        file.attrs.update(
            {
                "name": name,
                "fps": fps,
                "train_frames": frames - frames // 4 if train_frames is None else train_frames,
                "role": role,
                "size": size,
            }
        )
    card = {"stage": "cache", "name": name, "status": "done", "sha256": sha256(path), "summary": {}}
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


def _landmarks(centre: np.ndarray) -> np.ndarray:
    """(T, 2) -> (T, 68, 2): eyes and mouth where `draw` puts them, the rest at the head's centre."""
    points = np.repeat(centre[:, None], 68, 1)
    points[:, 36:42] += (-0.4 * 0.25, -0.25 * 0.35)
    points[:, 42:48] += (0.4 * 0.25, -0.25 * 0.35)
    points[:, 48:] += (0, 0.43 * 0.35)
    return points.astype(np.float32)


def draw(
    centre: np.ndarray, mouth_open: float, colours: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frame, mask, NMFC-like picture and gaze-like picture of one head, all uint8."""
    at = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(at, at)
    u, v = (x - centre[0]) / 0.25, (y - centre[1]) / 0.35  # within the head u^2 + v^2 < 1
    inside = u**2 + v**2 < 1
    mouth = (np.abs(u) < 0.5) & (np.abs(v - 0.43) < 0.03 + 0.12 * mouth_open)
    eyes = (np.abs(np.abs(u) - 0.4) < 0.12) & (np.abs(v + 0.25) < 0.08)
    background = np.broadcast_to(120 + 60 * np.sin(40 * x)[..., None], (size, size, 3))
    skin = colours[0] * (0.8 + 0.2 * np.cos(3 * u)[..., None])
    frame = np.where(inside[..., None], skin, background)
    frame = np.where(mouth[..., None], colours[1] * 0.4, frame)
    frame = np.where(eyes[..., None], 240.0, frame)
    depth = np.sqrt(np.clip(1 - u**2 - v**2, 0, 1))
    shown = inside & ~mouth & ~eyes
    coordinates = np.stack([(u + 1) / 2, (v + 1) / 2, depth], -1) * shown[..., None]
    gaze = np.repeat(eyes[..., None], 3, -1)
    return tuple((a * k).astype(np.uint8) for a, k in ((frame, 1), (inside, 255), (coordinates, 255), (gaze, 255)))


def _tracking(
    centre: np.ndarray, mouth_open: np.ndarray, rng: np.random.Generator, identity: int
) -> dict[str, np.ndarray]:
    frames = len(centre)
    expression = np.zeros((frames, 30), np.float32)
    expression[:, 0] = mouth_open
    return {
        "identity": rng.normal(0, 0.3, identity).astype(np.float32),
        "expression": expression,
        "scale": np.full(frames, 0.0025, np.float32),
        "rotation": np.tile(np.float32([1, 0, 0, 0]), (frames, 1)),
        "translation": centre.astype(np.float32),
        "gaze": np.zeros((frames, 2, 2), np.float32),
        "residual": np.full(frames, 0.02, np.float32),
    }
