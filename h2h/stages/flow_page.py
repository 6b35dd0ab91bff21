"""The report's part about flow: what the facial flow is worth where it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h2h.evaluation.flow_error import Estimator
from h2h.io.cards import read_card
from h2h.io.h5 import reading

NETWORKS = {"original": "flow_pretrain/flownet2", "facial": "flow_finetune/flownet2"}  # their artifacts
PAIRS = 40  # of each person, for the photometric error
SHOWN = 4  # held-out people in the sheet


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


def flow_truth(data: Path, estimators: Mapping[str, Estimator]) -> np.ndarray | None:
    """Of some held-out people the pair that moves most: frames, masks, true flow, and the estimates.

    Args:
        data: artifact of the stage flow_data; None is returned where it is not at hand.
        estimators: of `flow_estimators`.

    Returns:
        The sheet of `h2h.evaluation.flow_pictures.truth_sheet`, u8 (h, w, 3).
    """
    from h2h.evaluation.flow_pictures import truth_sheet
    from h2h.evaluation.pictures import evenly

    if not data.is_file():
        return None
    with reading(data) as file:
        held_out, subject = np.flatnonzero(file["held_out"][:]), file["subject"][:]
        people = np.unique(subject[held_out])
        liveliest = []
        for person in people[evenly(len(people), SHOWN)]:
            own = held_out[subject[held_out] == person]
            lengths = [np.linalg.norm(file["flow"][i].astype(np.float32), axis=-1).mean() for i in own]
            liveliest.append(int(own[int(np.argmax(lengths))]))
        keys = ("first", "second", "flow", "face", "background")
        pairs = [tuple(file[key][i] for key in keys) for i in liveliest]
    found = [[estimate(pair[0], pair[1]) for estimate in estimators.values()] for pair in pairs]
    moves = np.concatenate([np.linalg.norm(pair[2][pair[3]].astype(np.float32), axis=-1) for pair in pairs])
    return truth_sheet(pairs, found, float(np.percentile(moves, 99)) if len(moves) else 1.0)


def _face_pairs(cache: h5py.File) -> list[int]:
    """Frames, spread over the video, whose face is known and that have a next one."""
    from h2h.evaluation.pictures import evenly

    usable = np.flatnonzero(cache["flow_valid"][:].astype(bool) & cache["tracked"][:].astype(bool))
    return [int(usable[i]) for i in evenly(len(usable), PAIRS)] if len(usable) else []
