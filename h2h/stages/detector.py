"""Stage detector: the automated study, a forgery detector's word on true and on synthesised frames."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2h.config import Sections, load_params

if TYPE_CHECKING:
    from collections.abc import Callable

    import h5py
    import numpy as np

    from h2h.evaluation.automated_study import Clip, Split

log = logging.getLogger("h2h")
MOST = 250  # true frames of a person outside the held-out ones: neighbours say the same twice
ASKED = 50  # frames of a clip that FaceForensics++'s network is shown: it takes a third of a second for each
FEATURES = "efficientnet_lite0"


def run(
    name: str, output: Path, cfg: Sections, *, caches: list[Path], synthesized: list[Path] | None = None
) -> dict[str, Any]:
    """Train on true frames and on the baselines' synthesised ones, and judge those of the other methods.

    --caches are everybody's, --synthesized the frames of a table's experiments (EXPERIMENT.TARGET.SOURCE). With
    FaceForensics++'s network (detector.weights) that is asked, too.
    """
    from h2h.evaluation.automated_study import study
    from h2h.evaluation.faceforensics import NAME
    from h2h.evaluation.forgery_features import SIDE, forgery_features
    from h2h.io.h5 import writing

    params, settings = load_params(), cfg.detector
    extract = forgery_features()
    crops, splits = _clips(caches, synthesized or [], SIDE, settings.quality)
    clips = [_with(clip, extract) for clip in crops]
    known = [key for key, experiment in params.experiments.items() if experiment.method in settings.known]
    found = study(clips, splits, known, settings.penalty, cfg.evaluate.bootstrap, cfg.seed)
    if weights := _weights(settings.weights):
        found["judged"] += [{**row, "detector": NAME} for row in _official(crops, weights, cfg)]
    with writing(output) as writer:
        for clip in clips:
            group = writer.file.create_group(f"{clip.kind}.{clip.person}.{clip.driver}")
            group["index"], group["features"] = clip.index, clip.features
    return {**found, "features": FEATURES, "quality": settings.quality}


def _weights(name: str) -> Path | None:
    """The file of FaceForensics++'s network, if it is there."""
    path = Path(name)
    if path.is_file():
        return path
    log.info("FaceForensics++'s network is not asked: %s (detector.weights) is not there", name)
    return None


def _official(crops: list[Clip], weights: Path, cfg: Sections) -> list[dict[str, Any]]:
    """What FaceForensics++'s network says, of some frames of each clip."""
    from dataclasses import replace

    from h2h.evaluation.automated_study import judged_by
    from h2h.evaluation.faceforensics import faceforensics
    from h2h.evaluation.pictures import evenly

    some = []
    for clip in crops:
        kept = evenly(len(clip.index), ASKED) if len(clip.index) else []
        stride = len(clip.index) / len(kept) if len(kept) else 1.0
        some.append(replace(clip, index=clip.index[kept], features=clip.features[kept], stride=stride))
    return judged_by(faceforensics(weights), some, cfg.evaluate.bootstrap, cfg.seed)


def _clips(caches: list[Path], synthesized: list[Path], side: int, quality: int) -> tuple[list[Clip], dict[str, Split]]:
    """Everybody's true frames and all synthesised ones, as crops in the place of features; the splits."""
    import numpy as np

    from h2h.evaluation.automated_study import REAL, Split
    from h2h.evaluation.pictures import evenly, on_black
    from h2h.io.h5 import reading

    clips, splits = [], {}
    for path in caches:
        with reading(path) as cache:
            first, count = int(cache.attrs["train_frames"]), len(cache["segment"])
            splits[path.stem] = Split.of(first, count)
            index = np.array([*evenly(first, MOST), *range(first, count)])
            frames = (on_black(cache["frames"][i], cache["mask"][i]) for i in index)
            clips.append(_cut(REAL, path.stem, path.stem, index, frames, cache["nmfc"], index, side, quality))
    for path in synthesized:
        kind, person, driver = path.stem.split(".")
        with reading(path) as made:
            index = made["index"][:]
            places = np.arange(len(index))
            clips.append(_cut(kind, person, driver, index, made["frames"], made["nmfc"], places, side, quality))
    return clips, splits


def _cut(
    kind: str, person: str, driver: str, index: np.ndarray, frames: Any, nmfc: h5py.Dataset, places: np.ndarray,
    side: int, quality: int,
) -> Clip:  # fmt: skip
    """The faces of a clip; frames without one are left out."""
    import numpy as np

    from h2h.evaluation.automated_study import Clip
    from h2h.evaluation.face_crop import face_crop, face_square

    kept, crops = [], []
    for i, place, frame in zip(index, places, frames, strict=True):
        if (square := face_square(nmfc[place])) is not None:
            kept.append(i)
            crops.append(face_crop(frame, square, side, quality))
    pictures = np.stack(crops) if crops else np.zeros((0, side, side, 3), np.uint8)
    return Clip(kind, person, driver, np.array(kept, np.int64), pictures)


def _with(clip: Clip, extract: Callable[[np.ndarray], np.ndarray]) -> Clip:
    from dataclasses import replace

    return replace(clip, features=extract(clip.features))
