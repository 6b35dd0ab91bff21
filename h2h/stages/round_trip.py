"""Stage round_trip: cycle reenactment X -> Y -> X of Head2Head (IV.A)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from h2h.config import Sections

if TYPE_CHECKING:
    from h2h.render.hybrid import Parameters

Frames = Iterator[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Held:
    """A person's held-out frames: their motion, (T,) rows of the cache and segments, and frames a second."""

    motion: Parameters
    index: np.ndarray
    segment: np.ndarray
    fps: float


def run(
    name: str, output: Path, cfg: Sections, *, cache: Path, other: Path, checkpoint: Path, other_checkpoint: Path,
    head_model: Path, method: str = "ours",
) -> dict[str, Any]:  # fmt: skip
    """X's held-out frames drive Y's network; the video of Y is tracked as any source, and drives X's network.

    The way back ends where the way there began: each way fits the mean position and size of the head to somebody's, and
    the second undoes the first, to those of the frames that drove.

    --cache and --checkpoint are X's, --other and --other-checkpoint Y's. X's network has been fine-tuned on frames of
    the training split only: it shares none with those that are compared.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the stage tracking
    from h2h.evaluation.bootstrap import block_interval
    from h2h.evaluation.pictures import on_black
    from h2h.evaluation.pixel_distance import error_map, masked_mean
    from h2h.io.h5 import reading, writing

    held = _held_out(cache)
    there = _driven(held, held.motion, other, other_checkpoint, head_model, cfg, method)
    made = list(_composites(there, other, cfg))
    found_there = _tracked(name, made, held, cfg, head_model)
    back = _driven(held, found_there, cache, checkpoint, head_model, cfg, method, place=held.motion)
    distances, masked = [], []
    with reading(cache) as real, writing(output) as writer:
        for i, between, (frame, mask) in zip(held.index, made, back, strict=True):
            foreground = real["mask"][i]
            errors = error_map(on_black(real["frames"][i], foreground), frame)
            distances.append(float(errors.mean()))
            masked.append(masked_mean(errors, foreground))
            error = errors.clip(0, 255).astype(np.uint8)
            writer.append(index=np.int32(i), between=between, frames=frame, mask=mask, error=error)
        writer.file["pixel_distance"], writer.file["masked_pixel_distance"] = distances, masked
    found = {"frames": len(held.index)}
    for key, values in (("average_pixel_distance", distances), ("masked_average_pixel_distance", masked)):
        found[key] = float(np.nanmean(values))
        found[f"{key}_interval"] = list(block_interval(np.array(values), cfg.evaluate.bootstrap, cfg.seed))
    return found


def _held_out(cache: Path) -> Held:
    from h2h.io.h5 import reading
    from h2h.stages.driving import parameters

    with reading(cache) as file:
        first, count = int(file.attrs["train_frames"]), len(file["segment"])
        motion = parameters(file["tracking"], first, count)
        return Held(motion, np.arange(first, count), file["segment"][first:], float(file.attrs["fps"]))


def _driven(
    held: Held,
    motion: Parameters,
    cache: Path,
    checkpoint: Path,
    head_model: Path,
    cfg: Sections,
    method: str,
    place: Parameters | None = None,
) -> Frames:
    """A network's frames of a person with somebody's motion."""
    from h2h.stages.driving import Driving, driven_by
    from h2h.stages.generating import network_frames

    nmfc, gaze = driven_by(motion, held.segment, cache, head_model, cfg, place)
    driving = Driving(held.index, nmfc, gaze, held.segment, held.fps, cache)
    return network_frames(checkpoint, cache, driving, cfg, method)


def _composites(frames: Frames, cache: Path, cfg: Sections) -> Iterator[np.ndarray]:
    """The frames before the person's clean plate, as in a film."""
    from h2h.models.background import clean_plate, composite
    from h2h.stages.generating import training_pictures

    background = np.zeros((cfg.image.size, cfg.image.size, 3), np.uint8)
    if cfg.synthesize.background == "target":
        background = clean_plate(*training_pictures(cache))
    for frame, mask in frames:
        yield composite(frame, mask, background)


def _tracked(name: str, video: list[np.ndarray], held: Held, cfg: Sections, head_model: Path) -> Parameters:
    """The motion in a synthesised video, found by the stages that track a real one.

    Raises:
        Rejected: of those stages.
    """
    import cv2

    from h2h.io.h5 import reading, writing
    from h2h.stages import landmarks, tracking
    from h2h.stages.driving import parameters

    with TemporaryDirectory() as folder:
        frames, points, fit = (Path(folder) / f"{stage}.h5" for stage in ("frames", "landmarks", "tracking"))
        with writing(frames) as writer:
            for number, (picture, segment) in enumerate(zip(video, held.segment, strict=True)):
                large = cv2.resize(picture, (cfg.frames.size, cfg.frames.size), interpolation=cv2.INTER_CUBIC)
                writer.append(frames=large, segment=np.int32(segment), time=np.float64(number / held.fps))
        landmarks.run(name, points, cfg, frames=frames)
        tracking.run(name, fit, cfg, landmarks=points, frames=frames, head_model=head_model)
        with reading(fit) as file:
            return parameters(file, 0, len(video))
