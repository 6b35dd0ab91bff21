"""Stage tracking: fit the head model to a whole video (eq. 1-2)."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from h2h.config import Sections
from h2h.errors import Rejected

MAX_UNTRACKED = 0.5  # larger part of the frames: the person is rejected
LEAST_FRAMES = 5  # with landmarks; fewer say too little about a face


def run(name: str, output: Path, cfg: Sections, *, landmarks: Path, frames: Path, head_model: Path) -> dict[str, Any]:
    """Fit the head model to all frames of a person at once (eq. 1-2)."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy loads: for these matrices threads only wait
    import numpy as np

    from h2h.io.h5 import reading, writing
    from h2h.tracking.head_model import load_head_model
    from h2h.tracking.settings import fit_as_set

    settings = cfg.tracking
    model = load_head_model(head_model)
    with reading(landmarks) as file:
        points, iris, confidence = file["landmarks"][:], file["iris"][:], file["confidence"][:]
        dense = file["dense"][:, :468, :2] if settings.dense_weight else None
    with reading(frames) as file:
        segment, time = file["segment"][:], file["time"][:]
    seen = int(((confidence > 0) & np.isfinite(points).all(axis=(1, 2))).sum())
    if seen < LEAST_FRAMES:
        raise Rejected(
            f"landmarks in {seen} of {len(points)} frames, at least {LEAST_FRAMES} are needed",
            "use a clip in which the face is seen for longer",
        )
    fit = fit_as_set(model, settings, points, iris, confidence, segment, dense)
    lost = np.flatnonzero(~fit.tracked)
    if len(lost) > MAX_UNTRACKED * len(points):
        raise Rejected(
            f"the head model fits the landmarks in only {len(points) - len(lost)} of {len(points)} frames, "
            f"the first misfit at {time[lost[0]]:.1f} s (frame {lost[0]})",
            "use a clip with a larger, unobstructed face, or raise tracking.max_residual",
        )
    with writing(output) as writer:
        for field in fields(fit):
            writer.file.create_dataset(field.name, data=getattr(fit, field.name))
    return {
        "frames": len(points),
        "tracked": int(fit.tracked.sum()),
        "residual": round(float(fit.residual[fit.tracked].mean()), 4),
    }
