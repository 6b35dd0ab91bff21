"""Stage transfers: score heads that other people drive (FS Fig. 5: whose face shape does the result have?)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2h.config import Sections

if TYPE_CHECKING:
    from collections.abc import Callable

    import h5py
    import numpy as np

FACES = 50  # frames whose identity features are taken
KNOWN = 16  # frames of a person's own clips behind the mean feature


def run(
    name: str, output: Path, cfg: Sections, *, synthesized: Path, cache: Path, source: Path, head_model: Path
) -> dict[str, Any]:
    """Refit a cross-person reenactment: face shape and identity against target and source, motion against the source.

    Everybody stands on black.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the stage tracking
    from tqdm import tqdm

    from h2h.evaluation import identity_features
    from h2h.evaluation.driven import driven_scores, similarities_to
    from h2h.evaluation.motion_errors import Watched
    from h2h.evaluation.refit import Watch
    from h2h.io.h5 import reading, writing
    from h2h.tracking.head_model import load_head_model

    settings, points = cfg.evaluate, cfg.landmarks
    features = identity_features.choose(settings.features, Path(settings.arcface))
    extract = identity_features.network(features, Path(settings.arcface))
    in_driver, in_made = (Watch(points.method, points.min_confidence, points.smooth_frames) for _ in range(2))
    with (
        reading(synthesized) as made, reading(cache) as target, reading(source) as driver, writing(output) as writer,
        in_driver, in_made,
    ):  # fmt: skip
        index, segment = made["index"][:], driver["segment"][:]
        for i, frame in enumerate(tqdm(index, desc=f"{name}: transfers", unit="frame", leave=False)):
            in_driver.push(_on_black(driver, frame), int(segment[frame]))
            in_made.push(made["frames"][i], int(segment[frame]))
        people = {
            "person_similarity": _mean_feature(target, range(len(target["segment"])), extract),
            "source_similarity": _mean_feature(driver, index, extract),
        }
        seen = in_made.seen()
        similar = similarities_to(people, seen, len(index), lambda i: made["frames"][i], extract, FACES)
        of_driver = Watched(in_driver.seen(), driver["tracking/identity"][:])
        of_made = Watched(seen, target["tracking/identity"][:])
        model = load_head_model(head_model)
        datasets, summary = driven_scores(
            model, cfg.tracking, of_driver, of_made, similar, settings.bootstrap, cfg.seed
        )
        for key, values in datasets.items():
            writer.file[key] = values
    return {**summary, "features": features}


def _on_black(cache: h5py.File, frame: int) -> np.ndarray:
    import numpy as np

    return np.round(cache["frames"][frame] * (cache["mask"][frame][..., None] / 255.0)).astype(np.uint8)


def _mean_feature(cache: h5py.File, frames: Any, extract: Callable[..., np.ndarray]) -> np.ndarray:
    """Mean identity feature of some of a person's own frames."""
    import numpy as np

    chosen = np.unique(np.asarray(frames)[np.linspace(0, len(frames) - 1, min(KNOWN, len(frames))).round().astype(int)])
    return np.mean([extract(_on_black(cache, i), cache["landmarks"][i]) for i in chosen], axis=0)
