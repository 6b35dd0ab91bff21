"""From a sequence of 4D scans to pairs of pictures and their true flow, at the size that a training wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from h2h.errors import UserError
from h2h.evaluation.pictures import evenly
from h2h.flow_data.scan_flow import scan_flow
from h2h.io.calibration import Calibration, read_calibration
from h2h.io.flo import read_flo
from h2h.io.mesh import Mesh, read_mesh
from h2h.io.scan_folder import Sequence, read_image, undistorted
from h2h.render.pinhole import Pinhole, rasterise_pinhole
from h2h.render.textured import textured_picture

MARGIN = 1.6  # side of the crop over the surface's largest extent in the sequence's pictures


class Pair(NamedTuple):
    """Two consecutive frames and what is known of their flow.

    Attributes:
        number: of the first frame.
        first, second: u8 (S, S, 3), RGB.
        flow: f32 (S, S, 2), px; 0 where `face` is false.
        face: bool (S, S), the surface is seen in both frames.
        background: bool (S, S), no surface in the first frame.
        true_background: f32 (S, S, 2), the background's true flow, NaN where there is none (real scans).
    """

    number: int
    first: np.ndarray
    second: np.ndarray
    flow: np.ndarray
    face: np.ndarray
    background: np.ndarray
    true_background: np.ndarray


@dataclass(frozen=True)
class _Frame:
    image: np.ndarray
    followed: Mesh
    scan: Mesh | None  # where a registered template is followed instead


def camera_of(calibration: Calibration) -> Pinhole:
    """The camera of pictures without distortion, with pixel centres at 0.5 instead of OpenCV's 0."""
    matrix = calibration.intrinsics + np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
    return Pinhole(matrix, calibration.rotation, calibration.translation)


def chosen_pairs(sequence: Sequence, most: int | None) -> list[int]:
    """First frames of at most `most` pairs, spread over the sequence: recorded ones begin and end at rest."""
    numbers = sequence.pairs()
    return numbers if most is None else [numbers[i] for i in evenly(len(numbers), most)]


def sequence_pairs(sequence: Sequence, size: int, tolerance: float, most: int | None = None) -> Iterator[Pair]:
    """Read a sequence, pair by pair; two frames are in memory at a time.

    Pictures that are `size` x `size` px stay as they are; others are cropped to one square around the surface in all
    frames, and resized.

    Args:
        sequence: one without faults (`h2h.stages.scan_check`).
        size: S, px.
        tolerance: of `scan_flow`.
        most: see `chosen_pairs`; None for all.

    Raises:
        UserError: a file cannot be read.
    """
    if sequence.calibration is None:
        raise UserError(f"{sequence.title} has no calibration.json", "run h2h flow check on its collection")
    calibration = read_calibration(sequence.calibration)
    window = _window(sequence, calibration, size)
    camera = camera_of(calibration).cropped(window[0], window[1], size / window[2])
    known: dict[int, _Frame] = {}
    for number in chosen_pairs(sequence, most):
        for needed in (number, number + 1):
            if needed not in known:
                known[needed] = _read_frame(sequence, needed, calibration, window, camera, size)
        known = {key: frame for key, frame in known.items() if key >= number}
        first, second = known[number], known[number + 1]
        scans = (first.scan, second.scan) if first.scan is not None else None
        truth = scan_flow(
            first.followed.vertices,
            second.followed.vertices,
            first.followed.triangles,
            camera,
            size,
            size,
            tolerance,
            scans,
        )
        background = truth.background if sequence.files["images"] else np.zeros_like(truth.background)
        behind = np.full((size, size, 2), np.nan, np.float32)
        if number in sequence.files["true_background"]:
            flow = read_flo(sequence.files["true_background"][number])
            behind = _resized(flow, window, size) * (size / window[2])
        yield Pair(number, first.image, second.image, truth.flow, truth.face, background, behind)


def _window(sequence: Sequence, calibration: Calibration, size: int) -> tuple[int, int, int]:
    """The square that is cut out: left, top, side in px."""
    if calibration.width == calibration.height == size:
        return 0, 0, size
    camera, extents = camera_of(calibration), []
    for path in _followed(sequence).values():
        mesh = read_mesh(path)
        extents.append(camera.project(mesh.vertices[np.unique(mesh.triangles)])[:, :2])
    low, high = (np.array([f(e, axis=0) for e in extents]) for f in (np.nanmin, np.nanmax))
    low, high = low.min(axis=0), high.max(axis=0)
    largest = np.array([calibration.width, calibration.height])
    side = int(min(np.ceil(MARGIN * (high - low).max()), largest.min()))
    left, top = np.clip(np.rint((low + high - side) / 2), 0, largest - side).astype(int)
    return int(left), int(top), side


def _read_frame(
    sequence: Sequence,
    number: int,
    calibration: Calibration,
    window: tuple[int, int, int],
    camera: Pinhole,
    size: int,
) -> _Frame:
    followed = read_mesh(_followed(sequence)[number])
    scan = read_mesh(sequence.files["scans"][number]) if sequence.files["registered"] else None
    if sequence.files["images"]:
        image = read_image(sequence.files["images"][number], (calibration.width, calibration.height))
        return _Frame(_resized(undistorted(image, calibration), window, size), followed, scan)
    surface = followed if scan is None else scan
    texture = read_image(sequence.files["textures"][number])
    raster = rasterise_pinhole(surface.vertices, surface.triangles, camera, size, size)
    return _Frame(textured_picture(raster, surface.texture, texture), followed, scan)


def _followed(sequence: Sequence) -> dict[int, object]:
    return sequence.files["registered"] or sequence.files["scans"]


def _resized(picture: np.ndarray, window: tuple[int, int, int], size: int) -> np.ndarray:
    left, top, side = window
    part = picture[top : top + side, left : left + side]
    return part if side == size else cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
