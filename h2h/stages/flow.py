"""Stage flow: optical flow between consecutive real frames, for the dynamics discriminator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.io.h5 import reading, writing


def run(name: str, output: Path, cfg: Sections, *, frames: Path) -> dict[str, Any]:
    """Optical flow from each frame to the next at `image.size`, zero at the end of a segment."""
    from h2h.flow.dis import DisFlow

    size = cfg.image.size
    estimate = DisFlow(cfg.flow.preset)
    lengths = []
    with reading(frames) as source, writing(output) as writer:
        segment = source["segment"][:]
        following = _shrink(source["frames"][0], size)
        for i in tqdm(range(len(segment)), desc=f"{name}: flow", unit="frame", leave=False):
            current, valid = following, i + 1 < len(segment) and segment[i + 1] == segment[i]
            if i + 1 < len(segment):
                following = _shrink(source["frames"][i + 1], size)
            flow = estimate(current, following) if valid else np.zeros((size, size, 2), np.float32)
            writer.append(flow=flow.astype(np.float16), valid=np.bool_(valid))
            lengths.append(float(np.linalg.norm(flow, axis=2).mean()))
    return {"frames": len(lengths), "mean_px": round(float(np.mean(lengths)), 3), "method": cfg.flow.method}


def _shrink(image: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
