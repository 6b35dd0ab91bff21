"""A film of somebody's flow."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
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

    Beside the frame is the flow that the trainings read, or those of all `estimators` if there are any.
    """
    from h2h.evaluation.flow_pictures import flow_frames
    from h2h.io.video_writer import write_video

    count = min(SHOWN, len(cache["frames"]) - 1)
    frames, stored = cache["frames"][: count + 1], cache["flow"][:count].astype(np.float32)
    flows = [_estimated(estimate, frames) for estimate in estimators.values()] or [stored]
    largest = max(float(np.percentile(np.linalg.norm(stored, axis=-1), 99)), LEAST)
    pictures = flow_frames(frames[:count], zip(*flows, strict=True), largest)
    with replacing(path) as temporary:
        write_video(temporary, pictures, float(cache.attrs["fps"]), QUALITY)


def _estimated(estimate: Estimator, frames: np.ndarray) -> np.ndarray:
    return np.stack([estimate(first, second) for first, second in pairwise(frames)])
