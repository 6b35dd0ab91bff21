"""The report's part about flow: a film for everybody, and what the facial flow is worth where it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.evaluation.flow_error import Estimator
from h2h.io.atomic import replacing
from h2h.io.cards import read_card
from h2h.io.h5 import reading

NETWORKS = {"original": "flow_pretrain/flownet2", "facial": "flow_finetune/flownet2"}  # their artifacts
SHOWN = 60  # frames of a film
PAIRS = 40  # of each person, for the photometric error
QUALITY = 26  # x264's crf
LEAST = 0.5  # px that have the full colour in a film where hardly anything moves


def flow_estimators(work: Path) -> dict[str, Estimator]:
    """DIS and the trained networks, by name; empty unless both networks are there."""
    paths = {name: work / f"{artifact}.safetensors" for name, artifact in NETWORKS.items()}
    if not all(path.is_file() and path.with_suffix(".json").is_file() for path in paths.values()):
        return {}
    from h2h.flow.dis import DisFlow
    from h2h.flow.flownet2_flow import FlowNet2Flow
    from h2h.flow.flownet_weights import load_saved_flownet

    networks = {name: FlowNet2Flow(load_saved_flownet(path)[0]) for name, path in paths.items()}
    return {"dis": DisFlow("medium"), **networks}


def facial_flow(people: list[str], work: Path, estimators: Mapping[str, Estimator]) -> dict[str, Any] | None:
    """Errors of the flows, for the page; None without networks.

    Args:
        people: whose caches exist.
        work: folder of all artifacts.
        estimators: of `flow_estimators`.

    Returns:
        `shapes`, `faces`: the mean end-point errors (px) that the trainings' cards have, estimator -> part -> error.
        `photometric`: person -> estimator -> mean error inside the face of the next frame warped onto a frame; "zero"
        is that without a flow.
    """
    if not estimators:
        return None
    from h2h.evaluation.flow_error import no_flow
    from h2h.evaluation.photometric_error import photometric_errors

    shapes, faces = (read_card(work / f"{artifact}.safetensors")["summary"] for artifact in NETWORKS.values())
    found = {}
    for person in people:
        with reading(work / "cache" / f"{person}.h5") as cache:
            pairs = [(cache["frames"][i], cache["frames"][i + 1], cache["nmfc"][i].any(-1)) for i in _face_pairs(cache)]
        errors = photometric_errors({"zero": no_flow, **estimators}, pairs)
        found[person] = {name: round(error, 3) for name, error in errors.items()}
    return {"shapes": shapes["end_point_error"], "faces": faces["end_point_error"], "photometric": found}


def write_flow_film(name: str, work: Path, estimators: Mapping[str, Estimator], media: Path) -> str:
    """A person's first frames, each with the flow to the next one in colours; returns where the film is for the page.

    Beside the frame is the flow that the trainings read, or those of all `estimators` if there are any.
    """
    from h2h.evaluation.flow_pictures import flow_frames
    from h2h.io.video_writer import write_video

    with reading(work / "cache" / f"{name}.h5") as cache:
        count = min(SHOWN, len(cache["frames"]) - 1)
        frames, stored = cache["frames"][: count + 1], cache["flow"][:count].astype(np.float32)
        fps = float(cache.attrs["fps"])
    flows = [_estimated(estimate, frames) for estimate in estimators.values()] or [stored]
    largest = max(float(np.percentile(np.linalg.norm(stored, axis=-1), 99)), LEAST)
    film = f"flow_{name}.mp4"
    with replacing(media / film) as temporary:
        write_video(temporary, flow_frames(frames[:count], zip(*flows, strict=True), largest), fps, QUALITY)
    return f"media/{film}"


def _estimated(estimate: Estimator, frames: np.ndarray) -> np.ndarray:
    return np.stack([estimate(first, second) for first, second in pairwise(frames)])


def _face_pairs(cache: h5py.File) -> list[int]:
    """Frames, spread over the video, whose face is known and that have a next one."""
    from h2h.evaluation.pictures import evenly

    usable = np.flatnonzero(cache["flow_valid"][:].astype(bool) & cache["tracked"][:].astype(bool))
    return [int(usable[i]) for i in evenly(len(usable), PAIRS)] if len(usable) else []
