"""Write the open stand-in for 4DFAB as a collection of 4D scans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from h2h.flow_data.stand_in import draw_camera, draw_subject, render_sequence
from h2h.io.calibration import Calibration
from h2h.io.h5 import reading
from h2h.io.mesh import Mesh
from h2h.io.scan_folder import ScanFrame, write_sequence
from h2h.models.background import clean_plate
from h2h.render.pinhole import Pinhole
from h2h.tracking.head_model import HeadModel

PLATE_FRAMES = 30  # of a person, from which the background behind is put together
# What a draw is for comes first in its seed, never last: to NumPy [1, 5] and [1, 5, 0] are the same.
PERSON, SEQUENCE, BACKGROUNDS = range(3)


def write_stand_in(
    folder: Path,
    model: HeadModel,
    photographs: Sequence[np.ndarray],
    *,
    subjects: int,
    held_out: int,
    sequences: int,
    frames: int,
    size: int,
    supersample: int,
    seed: int,
) -> None:
    """Render all subjects, those who are held out before backgrounds of their own.

    Args:
        folder: to write SUBJECT/SEQUENCE into.
        model: the head model.
        photographs: u8 (h, h, 3) RGB each, real backgrounds; the people who are held out get some for themselves.
        subjects, held_out: people to train on and further ones, who get the last numbers.
        sequences: of each.
        frames: of each sequence.
        size: S, px.
        supersample: rendered at this times the size.
        seed: everything follows from it; more subjects or sequences do not change the others.
    """
    count = subjects + held_out
    seen, unseen = split_photographs(photographs, held_out / count, seed)
    for index in tqdm(range(count), desc="4D subjects", unit="subject", leave=False):
        subject = draw_subject(model, np.random.default_rng([seed, PERSON, index]))
        behind = seen if index < subjects else unseen
        for number in range(sequences):
            rng = np.random.default_rng([seed, SEQUENCE, index, number])
            camera, place = draw_camera(model, size, rng)
            rendered = render_sequence(model, subject, camera, place, behind, frames, size, supersample, rng)
            scans = (ScanFrame(f.image, Mesh(f.vertices, model.triangles), f.true_background) for f in rendered)
            target = folder / f"subject_{index:04d}" / f"sequence_{number:02d}"
            write_sequence(target, calibration_of(camera, size), scans)


def split_photographs(
    photographs: Sequence[np.ndarray], share: float, seed: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Backgrounds for training and held-out ones, at least one of two or more; a single one is for the training."""
    order = np.random.default_rng([seed, BACKGROUNDS]).permutation(len(photographs))
    kept = min(max(round(share * len(order)), 1), len(order) - 1) if len(order) else 0
    return [photographs[i] for i in order[kept:]], [photographs[i] for i in order[:kept]]


def calibration_of(camera: Pinhole, size: int) -> Calibration:
    """A camera of square pictures as `calibration.json` has it: the first pixel's centre is at 0, as in OpenCV."""
    matrix = camera.matrix - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
    return Calibration(size, size, matrix, camera.rotation, camera.translation, np.zeros(5))


def read_backgrounds(frames: Sequence[Path], masks: Sequence[Path]) -> list[np.ndarray]:
    """What is behind the people of the stage `frames`, without them (stage `matting`): u8 (F, F, 3) each."""
    found, by_name = [], {path.stem: path for path in masks}
    for path in sorted(frames):
        if path.stem not in by_name:
            continue
        with reading(path) as source, reading(by_name[path.stem]) as matting:
            total = len(source["frames"])
            chosen = np.unique(np.linspace(0, total - 1, min(PLATE_FRAMES, total)).astype(int))
            pictures, alphas = source["frames"][chosen], matting["mask"][chosen]
        side = pictures.shape[1]
        found.append(clean_plate(pictures, np.stack([cv2.resize(alpha, (side, side)) for alpha in alphas])))
    return found
