"""Generate a video of a target: self-reenactment on held-out frames, or driven by another person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from h2h.config import Sections
from h2h.io.threads import share_cores
from h2h.stages.driving import Driving, held_out, other_person, sketches
from h2h.stages.generating import few_shots, network_frames, training_pictures

if TYPE_CHECKING:
    from h2h.io.record import Record

WRITE_CHUNK = 8


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    cache: Path,
    source: Path | None = None,
    checkpoint: Path | None = None,
    head_model: Path | None = None,
    video: Path | None = None,
    method: str = "ours",
) -> dict[str, Any]:
    """Synthesise a target's held-out frames, or a video of the target driven by another person (--source).

    --video also writes a film: driving frame, conditional input and result side by side.
    """
    share_cores()
    from h2h.io.h5 import writing
    from h2h.models.background import clean_plate, composite

    other = source if source is not None and source != cache else None
    driving = held_out(cache) if other is None else other_person(cache, other, head_model, cfg)
    if cfg.network.landmarks:
        driving = replace(driving, nmfc=sketches(cache, driving, cfg.image.size))
    if method == "nearest_frame":
        frames = _nearest(cache, driving, cfg)
    else:
        frames = network_frames(checkpoint, cache, driving, cfg, method)
    background = np.zeros((cfg.image.size, cfg.image.size, 3), np.uint8)
    if cfg.synthesize.background == "target":
        background = clean_plate(*training_pictures(cache))
    with writing(output, WRITE_CHUNK) as writer:
        for t, (frame, mask) in enumerate(_progress(frames, len(driving.index), name)):
            writer.append(
                frames=frame,
                mask=mask,
                index=np.int32(driving.index[t]),
                nmfc=driving.nmfc[t],
                gaze=driving.gaze[t],
                composite=composite(frame, mask, background),
            )
        writer.file.attrs.update({"fps": driving.fps, "method": method, "name": name})
    transfer = "self" if other is None else cfg.synthesize.mode
    if video is not None:
        _write_video(video, output, driving, _record(name, cache, driving.cache, checkpoint, transfer))
    made_by = {} if checkpoint is None else {"network": f"{checkpoint.parent.name}/{checkpoint.stem}"}
    return {
        "method": method,
        **made_by,
        "target": cache.stem,
        "source": driving.cache.stem,
        "frames": len(driving.index),
        "fps": driving.fps,
        "transfer": transfer,
    }


def _nearest(cache: Path, driving: Driving, cfg: Sections) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each driving frame the fine-tuning frame with the most similar NMFC image, and its mask."""
    from h2h.models.nearest_frame import nearest_frames

    frames, masks, nmfc = few_shots(cache, cfg, "nmfc")
    for i in nearest_frames(driving.nmfc, nmfc):
        alpha = masks[i][..., None].astype(np.float32) / 255
        yield (frames[i] * alpha).round().astype(np.uint8), masks[i]


def _progress(frames: Iterator[Any], total: int, name: str) -> Iterator[Any]:
    from tqdm import tqdm

    return tqdm(frames, total=total, desc=f"synthesize {name}", unit="frame", dynamic_ncols=True)


def _write_video(video: Path, output: Path, driving: Driving, record: Record) -> None:
    """Film, marked and signed: driving frame, conditional input, result."""
    from h2h.io.h5 import reading
    from h2h.io.synthetic_video import SyntheticVideo
    from h2h.io.video_writer import side_by_side

    with (
        reading(output) as made,
        reading(driving.cache) as driver,
        SyntheticVideo(video, driving.fps, record) as film,
    ):
        for t, (i, nmfc, gaze) in enumerate(zip(driving.index, driving.nmfc, driving.gaze, strict=True)):
            film.append(side_by_side(driver["frames"][int(i)], np.maximum(nmfc, gaze), made["composite"][t]))


def _record(name: str, cache: Path, source: Path, checkpoint: Path | None, mode: str) -> Record:
    """What the film says of itself: the people's clips by hash, where their folders are there, else their caches."""
    from h2h.io.cards import read_card
    from h2h.io.person_folder import clip_ingredients, identity_file
    from h2h.io.record import Ingredient, Record

    ingredients: tuple[Ingredient, ...] = ()
    for role, path in {"target": cache, "source": source}.items():
        if role == "target" or path != cache:
            clips = clip_ingredients(path.stem, role)
            ingredients += clips or (Ingredient(role, read_card(path)["sha256"], path.name),)
    said = identity_file(cache.stem)
    return Record(
        title=name,
        target=cache.stem,
        mode=mode,
        model=None if checkpoint is None else read_card(checkpoint)["sha256"],
        ingredients=ingredients,
        consent=said.consent,
        licence=said.licence,
    )
