"""Stage person_media: pictures and films of what the pipeline found in somebody's videos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.config import Sections
from h2h.errors import Rejected
from h2h.io.atomic import replacing
from h2h.io.h5 import reading
from h2h.stages.page_data import SHEET, keep_only, save

MOST_FRAMES = 300  # of a film; of a longer video every second, third ... frame is in it
CHUNK = 64
QUALITY = 26  # x264's crf: a diagnostic film may be small
COLUMNS = 6  # moments in the pictures
SIDE = 192  # px of a picture of a step
SHEET_COLUMNS, SHEET_SIDE = 12, 96
SHEET_ROWS = ("frames", "mask", "nmfc", "gaze", "flow")
STEPS = ("crop", "foreground", "landmarks", "fitted mesh", "NMFC", "gaze", "flow to the next")


def run(
    name: str, output: Path, cfg: Sections, *, cache: Path, frames: Path, landmarks: Path, head_model: Path
) -> dict[str, Any]:
    """A contact sheet of the cache (the output), and beside it stills of all steps, the clips, two films and a chart.

    The films show frames of the person's own videos: nothing in them is synthesised.
    """
    from h2h.pages.tracking_chart import tracking_chart
    from h2h.tracking.head_model import load_head_model

    folder = output.parent
    model = load_head_model(head_model)
    with reading(cache) as packed, reading(frames) as cropped, reading(landmarks) as points:
        output.write_bytes(_contact_sheet(packed))
        save(folder / "face.jpg", _face(packed, cropped))
        columns = {"steps": min(COLUMNS, len(packed["frames"])), "sheet": min(SHEET_COLUMNS, len(packed["frames"]))}
        save(folder / "steps.jpg", _steps(packed, cropped, points, model))
        clips = _clips(name, cropped, folder)
        films = [_tracking_film(packed, folder / "tracking.mp4"), _flow_film(packed, folder / "flow.mp4")]
        fit = {key: packed[f"tracking/{key}"][:] for key in ("residual", "identity", "expression", "gaze")}
        z_id, z_exp = fit["identity"] / model.identity_sigma, fit["expression"] / model.expression_sigma
        time, tracked = packed["time"][:], packed["tracked"][:].astype(bool)
        moments = np.arange(len(time)) / float(packed.attrs["fps"])
        about = f"The fit of {name} over time: landmark error, identity and expression coefficients, gaze"
        chart = tracking_chart(moments, fit["residual"], z_id, z_exp, fit["gaze"], tracked, about)
        save(folder / "fit.svg", chart)  # part of a page; its colours are the page's
        facts = {
            "frames": len(tracked),
            "tracked": int(tracked.sum()),
            "train_frames": int(packed.attrs["train_frames"]),
            "role": str(packed.attrs["role"]),
            "fps": round(float(packed.attrs["fps"]), 3),
            "segments": int(packed["segment"][-1]) + 1,
            "residual": round(float(np.median(fit["residual"])), 5),
        }
    keep_only(
        folder,
        [
            SHEET,
            SHEET.replace(".jpg", ".json"),
            "face.jpg",
            "steps.jpg",
            "fit.svg",
            *films,
            *(c["file"] for c in clips),
        ],
    )
    return {
        **facts,
        "clips": clips,
        "films": films,
        "steps": list(STEPS),
        "sheet": list(SHEET_ROWS),
        "columns": columns,
    }


def _contact_sheet(cache: h5py.File) -> bytes:
    from h2h.evaluation import pictures
    from h2h.flow.colour_wheel import flow_to_colours

    shown = pictures.evenly(len(cache["frames"]), SHEET_COLUMNS)
    largest = _largest(cache, shown)
    rows = {key: [cache[key][i] for i in shown] for key in SHEET_ROWS[:-1]}
    rows["flow"] = [flow_to_colours(cache["flow"][i].astype(np.float32), largest) for i in shown]
    return pictures.to_jpeg(pictures.grid(rows, side=SHEET_SIDE, label_width=0))


def _face(cache: h5py.File, cropped: h5py.File) -> bytes:
    """A tracked frame from the middle of the video."""
    from h2h.evaluation import pictures

    usable = np.flatnonzero(cache["tracked"][:])
    return pictures.to_jpeg(cropped["frames"][int(usable[len(usable) // 2]) if len(usable) else 0])


def _steps(cache: h5py.File, cropped: h5py.File, points: h5py.File, model: Any) -> bytes:
    """A row a step, a column a moment, from the crops at their full size."""
    from h2h.evaluation import person_pictures, pictures
    from h2h.flow.colour_wheel import flow_to_colours

    usable = np.flatnonzero(cache["tracked"][:].astype(bool))
    usable = usable if len(usable) else np.arange(len(cache["frames"]))
    shown = [int(usable[i]) for i in pictures.evenly(len(usable), COLUMNS)]
    largest = _largest(cache, shown)
    fit = cache["tracking"]
    neutral = model.neutral(fit["identity"][:])
    rows: dict[str, list[np.ndarray]] = {step: [] for step in STEPS}
    for i in shown:
        crop = cropped["frames"][i]
        shape = model.with_expression(neutral, fit["expression"][i])
        camera = (float(fit["scale"][i]), fit["rotation"][i], fit["translation"][i])
        iris = points["iris"][i] if "iris" in points else None
        found = (
            crop,
            pictures.on_black(cache["frames"][i], cache["mask"][i]),
            person_pictures.with_landmarks(crop, points["landmarks"][i], iris),
            person_pictures.with_mesh(crop, model, shape, *camera),
            cache["nmfc"][i],
            cache["gaze"][i],
            flow_to_colours(cache["flow"][i].astype(np.float32), largest),
        )
        for step, picture in zip(STEPS, found, strict=True):
            rows[step].append(picture)
    return pictures.to_jpeg(pictures.grid(rows, side=SIDE, label_width=0))


def _largest(cache: h5py.File, shown: list[int]) -> float:
    """The length of flow that has the full colour, px."""
    from h2h.stages.flow_film import LEAST

    lengths = np.linalg.norm(np.stack([cache["flow"][i] for i in shown]).astype(np.float32), axis=-1)
    return max(float(np.percentile(lengths, 99)), LEAST)


def _clips(name: str, cropped: h5py.File, folder: Path) -> list[dict[str, Any]]:
    """A still of each clip with the crop's edge; none where the clip is not on this machine."""
    import json

    from h2h.evaluation import person_pictures, pictures
    from h2h.io.person_folder import PEOPLE
    from h2h.io.video import find_clips, sampled_frames

    try:
        there = {clip.name: clip for clip in find_clips(PEOPLE / name)}
    except Rejected:
        there = {}
    found = []
    for number, clip in enumerate(json.loads(cropped.attrs["clips"])):
        own = np.flatnonzero(cropped["clip"][:] == number)
        if clip not in there or not len(own):
            continue
        first = int(cropped["source_frame"][int(own[0])])
        picture = next((f.image for f in sampled_frames(there[clip], 1000.0) if f.index >= first), None)
        if picture is None:
            continue
        file = f"clip{number + 1}.jpg"
        save(folder / file, pictures.to_jpeg(person_pictures.with_crop(picture, cropped["crop"][number])))
        height, width = picture.shape[:2]
        found.append({"file": file, "name": clip, "frames": len(own), "width": width, "height": height})
    return found


def _tracking_film(cache: h5py.File, path: Path) -> str:
    from h2h.evaluation.tracking_pictures import overlay_frames
    from h2h.io.video_writer import write_video

    tracked = cache["tracked"][:].astype(bool)
    step = -(-len(tracked) // MOST_FRAMES)
    rows = (_rows(cache[key], step) for key in ("frames", "nmfc", "gaze"))
    with replacing(path) as temporary:
        write_video(temporary, overlay_frames(*rows, tracked[::step]), float(cache.attrs["fps"]) / step, QUALITY)
    return path.name


def _flow_film(cache: h5py.File, path: Path) -> str:
    from h2h.stages.flow_film import write_flow_film

    write_flow_film(cache, {}, path)
    return path.name


def _rows(dataset: h5py.Dataset, step: int) -> Iterator[np.ndarray]:
    """Every `step`-th frame of a dataset, read a chunk at a time."""
    for first in range(0, len(dataset), CHUNK * step):
        yield from dataset[first : first + CHUNK * step : step]
