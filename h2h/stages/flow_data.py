"""Stage flow_data: pairs of pictures of faces with their true flow, from 4D scans, for the facial flow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from h2h.config import Sections
from h2h.config.flow_learning import FlowData
from h2h.errors import UserError
from h2h.io.h5 import Writer, writing
from h2h.io.scan_folder import Sequence, find_sequences

SYNTHETIC = "synthetic"
CHUNK = 1  # pairs: the training reads them one by one, in any order
SHOWN = 5  # faults in the message


def run(
    name: str, output: Path, cfg: Sections, *, head_model: Path, frames: list[Path], matting: list[Path]
) -> dict[str, Any]:
    """Render synthetic 4D scans, or take a recorded collection of them; check it, and pack pairs with their flow."""
    from h2h.stages.stand_in_folder import read_backgrounds, write_stand_in
    from h2h.tracking.head_model import load_head_model

    settings, size = cfg.flow_data, cfg.image.size
    if settings.source != SYNTHETIC:
        return _pack(Path(settings.source), output, settings, size)
    folder = output.with_name(f".scans-{name}")  # always the same: what a killed run left is removed
    shutil.rmtree(folder, ignore_errors=True)
    try:
        photographs = read_backgrounds(frames, matting)
        numbers = settings.model_dump(exclude={"source", "backgrounds", "tolerance"})
        write_stand_in(folder, load_head_model(head_model), photographs, **numbers, size=size, seed=cfg.seed)
        return _pack(folder, output, settings, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chosen_sequences(folder: Path, settings: FlowData) -> tuple[list[Sequence], set[str]]:
    """The sequences that are packed, and the subjects among theirs that are held out: the last ones of the folder.

    Raises:
        UserError: the collection has too few subjects.
    """
    sequences = find_sequences(folder) if folder.is_dir() else []
    subjects = sorted({sequence.subject for sequence in sequences})
    if len(subjects) <= settings.held_out:
        raise UserError(
            f"subjects with sequences in {folder}: {len(subjects)}, of which flow_data.held_out takes "
            f"{settings.held_out}",
            "give more subjects, or lower flow_data.held_out; docs/flow_data.md says how they are laid out",
        )
    train, held_out = subjects[: -settings.held_out][: settings.subjects], subjects[-settings.held_out :]
    chosen = [
        sequence
        for subject in train + held_out
        for sequence in [s for s in sequences if s.subject == subject][: settings.sequences]
    ]
    return chosen, set(held_out)


def _pack(folder: Path, output: Path, settings: FlowData, size: int) -> dict[str, Any]:
    from h2h.stages.scan_check import check_sequence
    from h2h.stages.scan_pairs import sequence_pairs

    sequences, held_out = chosen_sequences(folder, settings)
    faults = [fault for sequence in sequences for fault in check_sequence(sequence)]
    if faults:
        shown = "\n  ".join(str(fault) for fault in faults[:SHOWN])
        raise UserError(
            f"faults in {folder}: {len(faults)}\n  {shown}", f"mend them; h2h flow check {folder} lists all"
        )
    subjects = sorted({sequence.subject for sequence in sequences})
    lengths, shares = {True: [], False: []}, []
    with writing(output, CHUNK) as writer:
        for index, sequence in enumerate(tqdm(sequences, desc="flow data", unit="sequence", leave=False)):
            unseen = sequence.subject in held_out
            for pair in sequence_pairs(sequence, size, settings.tolerance, settings.frames - 1):
                writer.append(
                    first=pair.first,
                    second=pair.second,
                    flow=pair.flow.astype(np.float16),
                    face=pair.face,
                    background=pair.background,
                    true_background=pair.true_background.astype(np.float16),
                    subject=np.int32(subjects.index(sequence.subject)),
                    sequence=np.int32(index),
                    frame=np.int32(pair.number),
                    held_out=np.bool_(unseen),
                )
                shares.append(pair.face.mean())
                if pair.face.any():
                    lengths[unseen].append(float(np.linalg.norm(pair.flow[pair.face], axis=-1).mean()))
        _describe(writer, subjects, [sequence.title for sequence in sequences], settings.source)
    return {
        "source": settings.source,
        "subjects": len(subjects) - len(held_out),
        "held_out": len(held_out),
        "pairs": len(shares),
        "face": round(float(np.mean(shares)), 4),
        "face_px": {key: round(float(np.mean(lengths[part])), 3) for key, part in (("train", False), ("test", True))},
    }


def _describe(writer: Writer, subjects: list[str], sequences: list[str], source: str) -> None:
    attributes = writer.file.attrs
    attributes["subjects"], attributes["sequences"] = json.dumps(subjects), json.dumps(sequences)
    attributes["source"] = source
