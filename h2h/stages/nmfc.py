"""Stage nmfc: render NMFC images (eq. 3) and gaze images of the tracked frames."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tqdm import tqdm

from h2h.config import Sections


def run(name: str, output: Path, cfg: Sections, *, tracking: Path, head_model: Path) -> dict[str, Any]:
    """Render NMFC images (eq. 3) and gaze images of the tracked frames."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy loads: for these matrices threads only wait
    from h2h.io.h5 import reading, writing
    from h2h.render.conditioning import iterate_sequence
    from h2h.tracking.head_model import load_head_model
    from h2h.tracking.parameters import check_parameters

    model = load_head_model(head_model)
    keys = ("identity", "expression", "scale", "rotation", "translation", "gaze")
    with reading(tracking) as file:
        tracked = {key: file[key][:] for key in keys}
    check_parameters(tracked, len(model.identity_sigma), len(model.expression_sigma), str(tracking))
    frames = iterate_sequence(model, **tracked, size=cfg.image.size, **vars(cfg.nmfc))
    covered = 0
    with writing(output) as writer:
        for frame in tqdm(frames, total=len(tracked["scale"]), desc=f"{name}: nmfc", unit="frame", leave=False):
            writer.append(nmfc=frame.nmfc, gaze=frame.gaze, mouth=frame.mouth)
            covered += int(frame.nmfc.any(axis=-1).sum())
    count = len(tracked["scale"])
    return {"frames": count, "covered": round(covered / (count * cfg.image.size**2), 4)}
