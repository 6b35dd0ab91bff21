"""Stage evaluate: score synthesised held-out frames against the truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2h.config import Sections

if TYPE_CHECKING:
    from h2h.evaluation.held_out import Networks


def run(name: str, output: Path, cfg: Sections, *, synthesized: Path, cache: Path, head_model: Path) -> dict[str, Any]:
    """All scores of a self-reenactment: pixels, pictures, identity, and what landmarks and tracking find in it.

    Both sides stand on black; docs/metrics.md says what each score is.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the stage tracking
    import numpy as np
    from tqdm import tqdm

    from h2h.evaluation.frame_scores import Pair
    from h2h.evaluation.held_out import HeldOut
    from h2h.evaluation.refit import Watch
    from h2h.io.h5 import reading, writing
    from h2h.tracking.head_model import load_head_model

    settings, points = cfg.evaluate, cfg.landmarks
    networks, chosen = _networks(cfg)
    watch = [Watch(points.method, points.min_confidence, points.smooth_frames) for _ in range(2)]
    with reading(synthesized) as fake, reading(cache) as real, writing(output) as writer, watch[0], watch[1]:
        held_out = HeldOut(networks, *watch, cfg.network.mouth_crop)
        indices, segment = fake["index"][:], real["segment"][:]
        for i, frame in enumerate(tqdm(indices, desc=f"{name}: evaluate", unit="frame", leave=False)):
            mask = real["mask"][frame]
            truth = np.round(real["frames"][frame] * (mask[..., None] / 255.0)).astype(np.uint8)
            made = fake["frames"][i], mask, fake["mask"][i], real["nmfc"][frame], real["mouth"][frame]
            joined = i and indices[i - 1] == frame - 1 and segment[frame - 1] == segment[frame]
            flow = real["flow"][frame - 1] if joined else None
            errors = held_out.push(Pair(truth, *made), real["landmarks"][frame], int(segment[frame]), flow)
            writer.append(error=errors.clip(0, 255).astype(np.uint8))
        identity = real["tracking/identity"][:]
        model = load_head_model(head_model)
        datasets, summary = held_out.finish(model, cfg.tracking, identity, settings.bootstrap, cfg.seed)
        for key, values in datasets.items():
            writer.file[key] = values
    return {**summary, **chosen}


def _networks(cfg: Sections) -> tuple[Networks, dict[str, str]]:
    """What the scores are taken with, and its names for the summary."""
    from h2h.evaluation import identity_features, learned_distance, mouth_features
    from h2h.evaluation.held_out import Networks
    from h2h.evaluation.perceptual_distance import perceptual_distance

    arcface, alexnet = Path(cfg.evaluate.arcface), Path(cfg.evaluate.alexnet)
    features = identity_features.choose(cfg.evaluate.features, arcface)
    perceptual = learned_distance.choose(cfg.evaluate.perceptual, alexnet)
    learned = perceptual == "lpips"
    looks = learned_distance.lpips_distance(alexnet) if learned else perceptual_distance()
    key = "lpips" if learned else "perceptual_distance"
    networks = Networks(identity_features.network(features, arcface), looks, key, mouth_features.extractor())
    return networks, {"features": features, "perceptual": perceptual}
