"""Stage cache: pack everything that training reads into one HDF5 file a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.io.h5 import Writer, reading, writing
from h2h.training.split import train_frames

PICTURES = {"matting": ["mask"], "nmfc": ["nmfc", "gaze", "mouth"], "flow": ["flow"]}
TRACKING = ["identity", "expression", "scale", "rotation", "translation", "gaze", "residual", "tracked"]


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    frames: Path,
    matting: Path,
    landmarks: Path,
    tracking: Path,
    nmfc: Path,
    flow: Path,
    role: str,
) -> dict[str, Any]:
    """Pack frames, masks, NMFC and gaze images, flow, landmarks and tracking of one person.

    Chunked by a few frames, so that a short clip is one or two reads; the split into training and held-out frames
    is recorded here.
    """
    settings, size = cfg.cache, cfg.image.size
    with reading(frames) as source, writing(output, settings.chunk_frames, settings.compression == "gzip") as writer:
        total = len(source["frames"])
        split = train_frames(total, role, settings.test_frames, settings.short_clip_fraction, settings.min_train_frames)
        for i in tqdm(range(total), desc=f"{name}: cache", unit="frame", leave=False):
            writer.append(frames=cv2.resize(source["frames"][i], (size, size), interpolation=cv2.INTER_AREA))
        for path, keys in ((matting, PICTURES["matting"]), (nmfc, PICTURES["nmfc"]), (flow, PICTURES["flow"])):
            with reading(path) as part:
                for key in keys:
                    _copy(part[key], key, writer, total)
        file = writer.file
        with reading(flow) as part:
            file["flow_valid"] = part["valid"][:]
        with reading(landmarks) as part:
            file["landmarks"] = part["landmarks"][:]
        kept = file.create_group("tracking")  # one that HDF5 makes by itself says when it was made
        with reading(tracking) as part:
            for key in TRACKING:
                kept[key] = part[key][:]
            file["tracked"] = part["tracked"][:]
        for key in ("segment", "time"):
            file[key] = source[key][:]
        file.attrs.update(name=name, fps=float(source.attrs["fps"]), train_frames=split, role=role, size=size)
    return {"frames": total, "train_frames": split, "held_out": total - split, "role": role, "size": size}


def _copy(dataset: h5py.Dataset, key: str, writer: Writer, total: int) -> None:
    """Copy a dataset block by block; every part must speak of the same frames."""
    if len(dataset) != total:
        raise ValueError(f"{dataset.file.filename}: {key} has {len(dataset)} frames, frames has {total}")
    for start in range(0, total, 64):
        for row in dataset[start : start + 64]:
            writer.append(**{key: np.asarray(row)})
