"""A film of somebody's flow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from h2h.evaluation.flow_error import Estimator
from h2h.io.atomic import replacing

SHOWN = 60  # frames of a film
QUALITY = 26  # x264's crf
LEAST = 0.5  # px that have the full colour in a film where hardly anything moves


def write_flow_film(cache: h5py.File, estimators: Mapping[str, Estimator], path: Path) -> None:
    """A person's first frames, each with the flow to the next one in colours.

    Beside the frame is the flow that the trainings read, or those of all `estimators` if there are any. Black is where
    there is a cut, and where the flow back from the next frame disagrees: hidden there, or misjudged.
    """
    from h2h.evaluation.flow_pictures import flow_frames
    from h2h.io.video_writer import write_video

    count = min(SHOWN, len(cache["frames"]) - 1)
    frames, stored = cache["frames"][: count + 1], cache["flow"][:count].astype(np.float32)
    valid = cache["flow_valid"][:count].astype(bool)
    flows, known = [stored], [np.broadcast_to(valid[:, None, None], stored.shape[:-1])]
    if estimators:
        found = [_estimated(estimate, frames, valid) for estimate in estimators.values()]
        flows, known = [list(part) for part in zip(*found, strict=True)]
    largest = max(float(np.percentile(np.linalg.norm(stored, axis=-1), 99)), LEAST)
    pictures = flow_frames(frames[:count], zip(*flows, strict=True), largest, zip(*known, strict=True))
    with replacing(path) as temporary:
        write_video(temporary, pictures, float(cache.attrs["fps"]), QUALITY)


def _estimated(estimate: Estimator, frames: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flows (n, S, S, 2) between neighbours, and bool (n, S, S) where they agree with those back."""
    from h2h.flow.consistency import consistent

    flows = np.zeros((len(valid), *frames.shape[1:3], 2), np.float32)
    agree = np.zeros(flows.shape[:-1], bool)
    for i in np.flatnonzero(valid):
        flows[i] = estimate(frames[i], frames[i + 1])
        agree[i] = consistent(flows[i], estimate(frames[i + 1], frames[i]))
    return flows, agree
