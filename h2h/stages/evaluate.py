"""Stage evaluate: score synthesised held-out frames against the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.io.h5 import reading, writing

SCORES = ("pixel_distance", "masked_pixel_distance", "mouth_pixel_distance", "mask_iou", "warping_error")


def run(name: str, output: Path, cfg: Sections, *, synthesized: Path, cache: Path) -> dict[str, Any]:
    """Pixel distances, mask IoU and FID on face-identity features of a self-reenactment.

    Both sides stand on black; the masked distance counts the true foreground's pixels.
    """
    from h2h.evaluation import frechet, mouth_features
    from h2h.evaluation import identity_features as ident
    from h2h.evaluation import pixel_distance as px
    from h2h.evaluation.bootstrap import block_interval
    from h2h.evaluation.warping_error import warping_error

    settings = cfg.evaluate
    chosen = ident.choose(settings.features, Path(settings.arcface))
    extract = ident.network(chosen, Path(settings.arcface))
    mouth = mouth_features.extractor()
    real_features, fake_features, rows = [], [], []
    real_mouths, fake_mouths = [], []
    before: tuple[int, np.ndarray, np.ndarray, np.ndarray] | None = None
    with reading(synthesized) as fake, reading(cache) as real, writing(output) as writer:
        indices = fake["index"][:]
        for i, frame in enumerate(tqdm(indices, desc=f"{name}: evaluate", unit="frame", leave=False)):
            mask = real["mask"][frame]
            truth = np.round(real["frames"][frame] * (mask[..., None] / 255.0)).astype(np.uint8)
            made = fake["frames"][i]
            errors = px.error_map(truth, made)
            row = {
                "pixel_distance": np.float32(errors.mean()),
                "masked_pixel_distance": np.float32(px.masked_mean(errors, mask)),
                "mouth_pixel_distance": np.float32(px.mouth_mean(errors, real["mouth"][frame], cfg.network.mouth_crop)),
                "mask_iou": np.float32(px.mask_iou(mask, fake["mask"][i])),
            }
            row["warping_error"] = np.float32("nan")
            if before is not None and before[0] == frame - 1 and real["segment"][frame - 1] == real["segment"][frame]:
                _, old_truth, old_made, old_mask = before
                flow = real["flow"][frame - 1]
                row["warping_error"] = np.float32(warping_error((old_made, made), (old_truth, truth), flow, old_mask))
            before = (int(frame), truth, made, mask)
            writer.append(error=errors.clip(0, 255).astype(np.uint8), **row)
            rows.append(row)
            landmarks = real["landmarks"][frame]
            real_features.append(extract(truth, landmarks))
            fake_features.append(extract(made, landmarks))
            place = (real["mouth"][frame], cfg.network.mouth_crop)
            real_mouths.append(mouth(truth, *place))
            fake_mouths.append(mouth(made, *place))
    a, b = np.stack(real_features), np.stack(fake_features)
    mean = {key: float(np.nanmean([row[key] for row in rows])) for key in SCORES}
    return {
        "frames": len(rows),
        "average_pixel_distance": mean["pixel_distance"],
        "average_pixel_distance_interval": block_interval(
            np.array([row["pixel_distance"] for row in rows]), settings.bootstrap, cfg.seed
        ),
        "masked_average_pixel_distance": mean["masked_pixel_distance"],
        "mouth_average_pixel_distance": mean["mouth_pixel_distance"],
        "mask_iou": mean["mask_iou"],
        "warping_error": mean["warping_error"],
        "mouth_fid": frechet.frechet_distance(np.stack(real_mouths), np.stack(fake_mouths)),
        "fid": frechet.frechet_distance(a, b),
        "fid_deviation": frechet.bootstrap_deviation(a, b, settings.bootstrap, cfg.seed),
        "identity_similarity": float((a * b).sum(1).mean()),
        "features": chosen,
    }
