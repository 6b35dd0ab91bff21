"""The target's parameters for every frame of a driving video, by mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.render.hybrid import Parameters, there_and_back, transfer

MODES = {
    "head": "pose, expression and gaze of the source",
    "face": "expression and gaze of the source in the target's own pose",
    "expression": "the expression of the source, the target's own pose and gaze",
    "self": "the source is another video of the target: as it is, but for mean size and place",
}


@dataclass(frozen=True)
class Driven:
    """What the target does.

    Attributes:
        parameters: of T frames, with the target's identity.
        own: (T,) the target's own frame whose pose each frame has; None when the pose is the source's.
    """

    parameters: Parameters
    own: np.ndarray | None


def drive(
    source: Parameters,
    segment: np.ndarray,
    fps: float,
    target: Parameters,
    target_fps: float,
    mode: str = "head",
    scale: str = "target",
    translation_sigmas: float = 2.0,
    smooth_frames: int = 15,
) -> Driven:
    """Mix a source's motion with a target (see `h2h.render.hybrid.transfer`).

    Args:
        source: T frames.
        segment: (T,), of the source.
        fps: its rate.
        target: consecutive frames of the target.
        target_fps: their rate: its own motion keeps its speed.
        mode: one of `MODES`.
        scale, translation_sigmas, smooth_frames: as in `transfer`; "self" clamps and smooths nothing.
    """
    if mode == "self":
        return Driven(transfer(source, target, "head", scale, np.inf, 1, segment), None)
    if mode == "head":
        return Driven(transfer(source, target, mode, scale, translation_sigmas, smooth_frames, segment), None)
    own = own_frames(len(target.scale), len(source.scale), target_fps / fps)
    return Driven(transfer(source, part(target, own), mode), own)


def own_frames(length: int, count: int, step: float) -> np.ndarray:
    """`count` of the target's `length` frames, there and back, `step` frames apart (rounded). -> (count,) ints."""
    return there_and_back(length, int(np.floor((count - 1) * step + 0.5)) + 1)[
        np.floor(np.arange(count) * step + 0.5).astype(int)
    ]


def part(parameters: Parameters, rows: slice | np.ndarray) -> Parameters:
    """Some frames of a person."""
    moving = ("expression", "scale", "rotation", "translation", "gaze")
    return Parameters(parameters.identity, *(getattr(parameters, key)[rows] for key in moving))


def longest_run(segment: np.ndarray) -> slice:
    """The longest run of equal numbers: frames that follow each other without a cut."""
    edges = np.flatnonzero(np.diff(segment)) + 1
    starts, ends = np.r_[0, edges], np.r_[edges, len(segment)]
    best = int(np.argmax(ends - starts))
    return slice(int(starts[best]), int(ends[best]))
