"""What drives a network: a person's own conditional images, or another person's motion on the target's head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from h2h.config import Sections

if TYPE_CHECKING:
    import h5py

    from h2h.render.hybrid import Parameters


@dataclass(frozen=True)
class Driving:
    """What drives the network.

    Attributes:
        index: (T,) frames of the driving person's cache.
        nmfc: (T, S, S, 3) uint8.
        gaze: (T, S, S, 3) uint8.
        segment: (T,) ints.
        fps: frames a second.
        cache: the driving person's cache.
    """

    index: np.ndarray
    nmfc: np.ndarray
    gaze: np.ndarray
    segment: np.ndarray
    fps: float
    cache: Path


def held_out(cache: Path) -> Driving:
    """Self-reenactment: the person's own conditional images of the test split."""
    from h2h.io.h5 import reading

    with reading(cache) as file:
        first = int(file.attrs["train_frames"])
        index = np.arange(first, len(file["segment"]))
        return Driving(
            index,
            file["nmfc"][first:],
            file["gaze"][first:],
            file["segment"][first:],
            float(file.attrs["fps"]),
            cache,
        )


def sketches(cache: Path, driving: Driving, size: int) -> np.ndarray:
    """The driving frames' drawn landmarks instead of NMFC images; another person's are fitted to the target's."""
    from h2h.io.h5 import reading
    from h2h.render.landmark_sketch import draw_landmarks, fit_to_target

    with reading(driving.cache) as file:
        points = file["landmarks"][:][driving.index].astype(np.float64)
    if driving.cache != cache:
        with reading(cache) as file:
            points = fit_to_target(points, file["landmarks"][: int(file.attrs["train_frames"])].astype(np.float64))
    return draw_landmarks(points, size)


def driving_frames(driving: Driving) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The true frames of whoever drives, and their masks."""
    from h2h.io.h5 import reading

    with reading(driving.cache) as file:
        for i in driving.index:
            yield file["frames"][i], file["mask"][i]


def other_person(cache: Path, source: Path, head_model: Path | None, cfg: Sections) -> Driving:
    """Conditional images of the target's head with the source's motion (FS 3.2, Head2Head III.B)."""
    from h2h.errors import UserError
    from h2h.io.h5 import reading

    if head_model is None:
        raise UserError("another person drives the target: --head-model is needed", "give work/head_model's artifact")
    with reading(source) as file:
        count = min(len(file["segment"]), cfg.synthesize.max_frames)
        motion, segment, fps = parameters(file["tracking"], 0, count), file["segment"][:count], float(file.attrs["fps"])
    nmfc, gaze = driven_by(motion, segment, cache, head_model, cfg)
    return Driving(np.arange(count), nmfc, gaze, segment, fps, source)


def driven_by(
    motion: Parameters,
    segment: np.ndarray,
    cache: Path,
    head_model: Path,
    cfg: Sections,
    place: Parameters | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """NMFC and gaze images, (T, S, S, 3) uint8, of a target's head with somebody's tracked motion.

    The cameras are fitted to those of `place`, frames of the target; without it, to those of the training frames.
    """
    from h2h.io.h5 import reading
    from h2h.render.conditioning import render_sequence
    from h2h.render.hybrid import transfer
    from h2h.tracking.head_model import load_head_model

    with reading(cache) as file:
        own = place or parameters(file["tracking"], 0, int(file.attrs["train_frames"]))
    chosen = cfg.synthesize
    mixed = transfer(motion, own, chosen.mode, chosen.scale, chosen.translation_sigmas, chosen.smooth_frames, segment)
    drawn = render_sequence(load_head_model(head_model), **vars(mixed), size=cfg.image.size, **vars(cfg.nmfc))
    return drawn.nmfc, drawn.gaze


def parameters(group: h5py.Group, first: int, last: int) -> Parameters:
    """Tracked parameters of some frames: of a cache's group, or of the stage tracking's artifact."""
    from h2h.render.hybrid import Parameters

    moving = {key: group[key][first:last] for key in ("expression", "scale", "rotation", "translation", "gaze")}
    return Parameters(identity=group["identity"][:], **moving)
